/** Where a reader can open a paper: its page here, and elsewhere. */

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
  return {
    abstractUrl:
      paper.url ?? (paper.arxivId ? `https://arxiv.org/abs/${paper.arxivId}` : searchUrl(paper.title)),
    pdfUrl: paper.arxivId ? `https://arxiv.org/pdf/${paper.arxivId}` : paper.openAccessUrl,
    codeUrl: paper.codeUrl,
  };
}

function searchUrl(title: string): string {
  return `https://arxiv.org/search/?${new URLSearchParams({ query: title, searchtype: 'title' })}`;
}

/** The one name that stands in addresses. It becomes the arXiv id once that is known; the other still leads there. */
export function nameOfPaper({ id, arxivId }: { id: number; arxivId: string | null }): string {
  return arxivId ?? `p${id}`;
}

/** The one path of a paper's page. Ids of before 2007 hold a slash, which stays one. */
export function paperUrl(paper: Parameters<typeof nameOfPaper>[0]): string {
  return `/papers/${nameOfPaper(paper)}`;
}
