/** Bibliographies as programs export them become papers, each program with its own habits. */
import { describe, expect, it } from 'vitest';
import { useBibliographies } from '../support/bibtex.ts';

const { read, readOne } = useBibliographies();

describe('what programs export', () => {
  it('reads Google Scholar', async () => {
    expect(
      await readOne(`@article{example2023walking,
  title={Walking machines: a survey of {BERT}-like gaits},
  author={Example, Ada and van der Other, Ben and others},
  journal={arXiv preprint arXiv:2301.01234},
  year={2023}
}
`),
    ).toMatchObject({
      source: 'file',
      externalId: '2301.01234',
      arxivId: '2301.01234',
      version: 1,
      doi: null,
      title: 'Walking machines: a survey of BERT-like gaits',
      abstract: '',
      authors: ['Ada Example', 'Ben van der Other'],
      categories: [],
      publishedAt: new Date('2023-01-01'),
      url: 'https://arxiv.org/abs/2301.01234',
      codeUrl: null,
      trend: null,
    });
  });

  it('reads the ACL Anthology, leaving out the volume', async () => {
    const { papers, skipped } = await read(`@proceedings{walk-2024-long,
    title = "Proceedings of the Meeting on Walking",
    month = aug,
    year = "2024",
    url = "https://aclanthology.example/2024.walk-long.0/"
}
@inproceedings{example-muller-2024-steps,
    title = "{S}teps in the Dark: {\\"U}ber 50{\\%} of Walks",
    author = {Example, Ada  and
      M{\\"u}ller, J{\\"o}rg  and
      {\\'E}toile, {\\'E}lodie},
    editor = "Other, Ben",
    booktitle = "Proceedings of the Meeting on Walking",
    month = aug,
    year = "2024",
    doi = "10.18653/v1/2024.walk-long.7",
    url = "https://aclanthology.example/2024.walk-long.7/",
    pages = "101--112",
    abstract = "We walk. Our method{'}s cost is \\textbf{50{\\%}} lower at \\$5 --- see \\url{https://a.test/x_y}."
}
`);
    expect(skipped).toEqual([
      { reason: 'line 1, walk-2024-long: a proceedings is not a paper', externalId: 'walk-2024-long' },
    ]);
    expect(papers).toMatchObject([
      {
        externalId: '10.18653/v1/2024.walk-long.7',
        title: 'Steps in the Dark: Über 50% of Walks',
        authors: ['Ada Example', 'Jörg Müller', 'Élodie Étoile'],
        abstract: "We walk. Our method's cost is 50% lower at $5 — see https://a.test/x_y.",
        publishedAt: new Date('2024-08-01'),
        url: 'https://aclanthology.example/2024.walk-long.7/',
      },
    ]);
  });

  it('reads DBLP, with and without its fields for the preprint', async () => {
    const paper = await readOne(`@article{DBLP:journals/corr/abs-2005-01234,
  author       = {Ada B. Example and
                  Ben Other 0001},
  title        = {Few-Step Walkers},
  journal      = {CoRR},
  volume       = {abs/2005.01234},
  year         = {2020},
  url          = {https://arxiv.org/abs/2005.01234},
  eprinttype    = {arXiv},
  eprint       = {2005.01234},
  timestamp    = {Wed, 03 Jun 2020 11:36:54 +0200},
  biburl       = {https://dblp.example/rec/journals/corr/abs-2005-01234.bib},
  bibsource    = {dblp computer science bibliography, https://dblp.example}
}`);
    expect(paper).toMatchObject({ arxivId: '2005.01234', title: 'Few-Step Walkers' });
    expect(paper.authors).toEqual(['Ada B. Example', 'Ben Other']);
    expect(
      await readOne('@article{x, title={A}, journal={CoRR}, volume={abs/2005.01234}, year={2020}}'),
    ).toMatchObject({ externalId: '2005.01234' });
  });

  it('reads Better BibTeX for Zotero', async () => {
    expect(
      await readOne(`@misc{exampleStepsAllYou2017,
  title = {Steps {{Are All}} You Need},
  subtitle = {A Study},
  author = {Example, Ada and family=Beethoven, given=Ludwig, prefix=van, useprefix=true and {Walking Research}},
  date = {2017-06-12},
  number = {arXiv:1706.01234},
  eprint = {1706.01234},
  eprinttype = {arXiv},
  eprintclass = {cs},
  primaryclass = {cs.CL},
  publisher = {arXiv},
  doi = {10.48550/arXiv.1706.01234},
  url = {http://arxiv.org/abs/1706.01234},
  urldate = {2023-01-05},
  abstract = {Long walks of length \\$n\\$ take {$O(n^2)$} steps \\& more.},
  keywords = {Computer Science - Walking},
  file = {/home/ada/Zotero/storage/ABC/Example 2017 - C\\:\\\\x.pdf}
}`),
    ).toMatchObject({
      externalId: '1706.01234',
      doi: '10.48550/arXiv.1706.01234',
      title: 'Steps Are All You Need: A Study',
      authors: ['Ada Example', 'Ludwig van Beethoven', 'Walking Research'],
      categories: ['cs.CL'],
      publishedAt: new Date('2017-06-12'),
      url: 'http://arxiv.org/abs/1706.01234',
    });
  });

  it('reads Mendeley', async () => {
    expect(
      await readOne(`@article{Example2018,
abstract = {We walk {\\textless} 5 km.},
archivePrefix = {arXiv},
arxivId = {1801.01234v2},
author = {Example, Ada and King, Jr., Martin and de la Cruz, Ana},
doi = {10.1000/abc\\_def},
eprint = {1801.01234v2},
file = {:C$\\backslash$:/Users/ada/walk.pdf:pdf},
journal = {Journal of Walking},
mendeley-groups = {Walks},
month = {jan},
title = {{On {\\{}Walking{\\}}}},
url = {http://www.walks.example/a{\\_}b{\\%}20c http://other.example/},
volume = {3},
year = {2018}
}
`),
    ).toMatchObject({
      externalId: '1801.01234',
      version: 2,
      doi: '10.1000/abc_def',
      authors: ['Ada Example', 'Martin King Jr.', 'Ana de la Cruz'],
      abstract: 'We walk < 5 km.',
      publishedAt: new Date('2018-01-01'),
      url: 'http://www.walks.example/a_b%20c',
    });
  });
});
