/** A paper's own page: all that is known of it, what is similar, and how to cite it. */
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { listSimilarPapers } from '../digests/similar-papers.ts';
import { openPaper, readPaperName } from '../papers/open-paper.ts';
import { nameOfPaper } from '../papers/paper-links.ts';
import type { StoredPaper } from '../papers/papers.repo.ts';
import { readerError } from '../reader-error.ts';
import { translatorOf } from './page-language.ts';
import type { PageSite } from './page-site.ts';
import { createPaperPage } from './paper-page.ts';

export function registerPapers(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const fillPage = createPaperPage(ctx);
  // Ids of before 2007 hold a slash: hep-th/9711200.
  app.get<{ Params: { '*': string } }>('/papers/*', { schema: { hide: true } }, async (request, reply) => {
    const t = translatorOf(request);
    const typed = request.params['*'];
    const paper = await getPaper(ctx, typed);
    const name = nameOfPaper(paper);
    if (name !== typed) return reply.redirect(`/papers/${name}`, 301);
    const similar = await listSimilarPapers(ctx, paper.id);
    return site.send(reply, t, 'paper', await fillPage(paper, similar, t));
  });
}

/** By arXiv id, with or without version, or `p` and our own number. Throws AppError `NOT_FOUND`. */
export async function getPaper(ctx: Context, text: string): Promise<StoredPaper> {
  const name = readPaperName(text);
  const paper = name && (await openPaper(ctx, name));
  if (!paper) {
    throw readerError('NOT_FOUND', 'error.noPaper');
  }
  return paper;
}
