/** Where a reader can open a paper. */

export interface PaperLinks {
  abstractUrl: string;
  pdfUrl: string | null;
  codeUrl: string | null;
}

/** A paper of which only the title is known is looked up by it. */
export function paperLinks(paper: {
  arxivId: string | null;
  title: string;
  url: string | null;
  codeUrl: string | null;
  openAccessUrl: string | null;
}): PaperLinks {
  const search = `https://arxiv.org/search/?${new URLSearchParams({ query: paper.title, searchtype: 'title' })}`;
  return {
    abstractUrl: paper.url ?? (paper.arxivId ? `https://arxiv.org/abs/${paper.arxivId}` : search),
    pdfUrl: paper.arxivId ? `https://arxiv.org/pdf/${paper.arxivId}` : paper.openAccessUrl,
    codeUrl: paper.codeUrl,
  };
}
