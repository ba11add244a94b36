/** The command that shows a digest without sending it: a reader's, or that of a profile which nobody has saved. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { previewDigest } from '../digests/preview.ts';
import { previewProfile } from '../digests/preview-profile.ts';
import { AppError } from '../errors.ts';
import { parseAddress } from '../mail/address.ts';
import { lookUpBibliography } from '../papers/bibliography.ts';
import { splitMentions } from '../papers/paper-mentions.ts';
import { MAX_JUDGED } from '../subscribers/feedback.ts';
import { inputError, parseDraft } from '../subscribers/subscription-input.ts';
import type { Rendered } from '../template-views.ts';
import { describeBibliography, describeNotKnown, readBibliographyFile, splitList } from './option-values.ts';
import { withContext } from './with-context.ts';

interface ProfileOptions {
  topics?: string;
  keywords?: string;
  liked?: string;
  likedBib?: string;
  excluded?: string;
  authors?: string;
}

export function addPreviewCommand(program: Command): void {
  program
    .command('preview')
    .description(
      'Show the digest that a subscriber would get now, or the first one of a profile that nobody has saved; ' +
        'nothing is sent or stored.',
    )
    .argument('[email]', 'mail address of a subscriber; without it, the options tell the profile')
    .option('--topics <slugs>', 'topics, separated by commas: cs-cl,world-models')
    .option('--keywords <words>', 'keywords, separated by commas: "tactile sensing,long context"')
    .option('--liked <ids>', 'papers they like: arXiv ids, DOIs or links, separated by commas')
    .option('--liked-bib <file>', 'a BibTeX file of papers they like')
    .option('--excluded <words>', 'words whose papers are left out, separated by commas')
    .option('--authors <names>', 'authors they follow, separated by commas')
    .option('--out <file>', 'write the HTML here instead of printing the text')
    .action((email: string | undefined, { out, ...profile }: ProfileOptions & { out?: string }) => {
      const hasProfile = Object.keys(profile).length > 0;
      if ((email !== undefined) === hasProfile) throw eitherOr();
      return withContext((ctx) =>
        email === undefined ? showProfile(ctx, profile, out) : showReader(ctx, email, out),
      );
    });
}

function eitherOr(): AppError {
  return new AppError(
    'INPUT_INVALID',
    'preview takes either the address of a subscriber or a profile (--topics, --keywords, --liked, --liked-bib, ' +
      '--excluded, --authors), and one of the two.',
  );
}

async function showReader(ctx: Context, email: string, out: string | undefined): Promise<void> {
  const address = parseAddress(email);
  if (!address) throw new AppError('INPUT_INVALID', `${email} is not a mail address.`);
  const preview = await previewDigest(ctx, address.normalised);
  switch (preview.result) {
    case 'unknown':
      throw new AppError('NOT_FOUND', `${email} is not a subscriber.`);
    case 'quiet':
      console.log('There is nothing new worth a mail for this subscriber now.');
      return;
    case 'digest':
      await show(preview.subject, preview.mail, out);
  }
}

async function showProfile(ctx: Context, options: ProfileOptions, out: string | undefined): Promise<void> {
  const parsed = parseDraft({
    topics: splitList(options.topics, ','),
    keywords: splitList(options.keywords, ','),
    liked: splitMentions(options.liked ?? ''),
    excluded: splitList(options.excluded, ','),
    authors: splitList(options.authors, ','),
  });
  if (!parsed.ok) throw inputError(parsed.faults);
  const { digest, notKnown } = await previewProfile(ctx, parsed.value, await lookUp(ctx, options.likedBib));
  if (notKnown.length > 0) console.log(describeNotKnown(notKnown));
  if (digest) await show(digest.subject, ctx.templates.digest(digest), out);
  else console.log('There is nothing new worth a mail for this profile now.');
}

async function lookUp(ctx: Context, path: string | undefined): Promise<Parameters<typeof previewProfile>[2]> {
  if (path === undefined) return undefined;
  const read = await lookUpBibliography(ctx, await readBibliographyFile(path), MAX_JUDGED);
  console.log(describeBibliography(path, read.paperIds.length + read.others.length, read));
  return read;
}

async function show(subject: string, mail: Rendered, out: string | undefined): Promise<void> {
  if (out) await writeFile(out, mail.html);
  console.log(out ? `Wrote ${out}: ${subject}` : `Subject: ${subject}\n\n${mail.text}`);
}
