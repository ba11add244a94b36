/** The part of the preference page about papers: adding those one likes, by id or as a bibliography, and taking back. */
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { splitMentions } from '../papers/paper-mentions.ts';
import { type AddedLikes, addLikes, forgetVerdicts, MAX_JUDGED } from '../subscribers/feedback.ts';
import { openLink } from '../subscribers/open-link.ts';
import type { FeedbackNotice } from '../template-views.ts';
import { asForm, type FormBody, one } from './form.ts';
import { linkProblem } from './link-problem.ts';
import type { PageSite } from './page-site.ts';
import { loadPreferencesPage } from './preferences-page.ts';
import { createRequestLimit } from './request-limit.ts';

interface TokenRoute {
  Params: { token: string };
}

/** Some 5,000 entries without abstracts, read in two seconds or so, with room for others in between. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Of ids, as many as a profile holds. */
const MAX_TEXT_BYTES = 100 * 1024;
const UPLOADS_PER_MINUTE = 20;
/** Of ids in one sentence; all of them stand in the box again. */
const NAMED = 10;

export function registerLikes(app: FastifyInstance, ctx: Context, site: PageSite): void {
  const limit = createRequestLimit(app, UPLOADS_PER_MINUTE, 'uploads');

  app.post<TokenRoute>(
    '/preferences/:token/forget',
    { schema: { hide: true }, config: { accepts: 'form' } },
    async ({ params, body }, reply) => {
      const link = await openLink(ctx, params.token, 'preferences');
      if (link.result !== 'valid') return linkProblem(site, reply, link.result);
      const count = await forgetVerdicts(ctx, link.subscriber, readForgotten(asForm(body)));
      const words = count === 1 ? '1 paper was' : `${count.toLocaleString('en')} papers were`;
      const sentence = count === 0 ? 'That was taken back before.' : `${words} taken back.`;
      const feedbackNotice = { sentences: [sentence], problem: false, undo: null, typed: '' };
      return site.send(
        reply,
        'preferences',
        await loadPreferencesPage(ctx, link.subscriber, params.token, { feedbackNotice }),
      );
    },
  );

  // In a scope of its own: no other route takes files.
  app.register(async (scope) => {
    await scope.register(multipart, {
      // Told beside the form, with what was typed.
      throwFileSizeLimit: false,
      limits: {
        fileSize: MAX_FILE_BYTES,
        files: 1,
        fieldSize: MAX_TEXT_BYTES,
        fields: 5,
        parts: 6,
        headerPairs: 20,
      },
    });
    scope.post<TokenRoute>(
      '/preferences/:token/like',
      { schema: { hide: true }, config: { accepts: 'upload' } },
      async (request, reply) => {
        const { token } = request.params;
        const link = await openLink(ctx, token, 'preferences');
        if (link.result !== 'valid') return linkProblem(site, reply, link.result);
        const { text, file, fault } = await readUpload(request).catch(refuse);
        if (file) await limit(request);
        const entries = splitMentions(text);
        const problem = fault ?? (entries.length === 0 && file === null ? NOTHING_GIVEN : null);
        const feedbackNotice = problem
          ? { sentences: [problem], problem: true, undo: null, typed: text }
          : describe(await addLikes(ctx, link.subscriber, { entries, file }), file !== null);
        return site.send(
          reply.code(problem ? 400 : 200),
          'preferences',
          await loadPreferencesPage(ctx, link.subscriber, token, { feedbackNotice }),
        );
      },
    );
  });
}

const NOTHING_GIVEN = 'Paste the ids of papers, or choose a file.';

interface Upload {
  text: string;
  file: Buffer | null;
  /** What is wrong with it, in a sentence. */
  fault: string | null;
}

async function readUpload(request: FastifyRequest): Promise<Upload> {
  const upload: Upload = { text: '', file: null, fault: null };
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const chunks: Buffer[] = [];
      for await (const chunk of part.file) chunks.push(chunk);
      if (part.file.truncated)
        upload.fault = 'The file has more than 1 MB: leave out its abstracts, or split it.';
      // A browser sends a field without a file as an empty one.
      else if (chunks.length > 0) upload.file = Buffer.concat(chunks);
    } else if (part.fieldname === 'liked') {
      upload.text = String(part.value);
      if (part.valueTruncated) upload.fault = 'That is more text than this form takes.';
    }
  }
  return upload;
}

/** The parser says with a status what is too much; what it can't read at all it throws as it comes. */
function refuse(error: unknown): never {
  if (error instanceof Error && 'statusCode' in error) throw error;
  throw new AppError('INPUT_INVALID', 'The upload can not be read, or broke off. Please try again.', {
    cause: error,
  });
}

/** One paper, or all that were added at one moment. Throws AppError `INPUT_INVALID`. */
function readForgotten(body: FormBody): Parameters<typeof forgetVerdicts>[2] {
  const paper = one(body, 'paper');
  if (paper !== undefined && /^\d{1,15}$/.test(paper)) return { paperId: Number(paper) };
  const givenAt = new Date(one(body, 'givenAt') ?? '');
  if (!Number.isNaN(givenAt.getTime())) return { givenAt };
  throw new AppError('INPUT_INVALID', 'paper must be the number of a paper.', { field: 'paper' });
}

function describe(result: AddedLikes, withFile: boolean): FeedbackNotice {
  const { at, added, already, notKnown, unreadable, skipped, leftOut } = result;
  const counts = [
    `${papers(added)} added`,
    ...(already > 0 ? [`${already.toLocaleString('en')} liked before`] : []),
    ...(notKnown.length > 0 ? [`${notKnown.length} not known here yet: ${list(notKnown)}`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} not understood: ${list(unreadable)}`] : []),
  ];
  const left = notKnown.length + unreadable.length > 0;
  return {
    sentences: [
      `${counts.join(', ')}.`,
      ...(added > 0 ? ['Your next digest leans towards papers like these.'] : []),
      ...(left ? ['What led to no paper stands in the box again.'] : []),
      ...(skipped > 0
        ? [`${skipped.toLocaleString('en')} of the file’s entries could not be read as papers.`]
        : []),
      ...(withFile && added + already + skipped + leftOut === 0 ? ['The file holds no BibTeX entries.'] : []),
      ...(leftOut > 0
        ? [`${papers(leftOut)} left out: a profile holds ${MAX_JUDGED.toLocaleString('en')}.`]
        : []),
    ],
    problem: left || added + already === 0,
    undo: added > 0 ? at.toISOString() : null,
    typed: [...notKnown, ...unreadable].join('\n'),
  };
}

function papers(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'paper' : 'papers'}`;
}

function list(names: readonly string[]): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).map((name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
