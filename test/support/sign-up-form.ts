/** The sign-up form as a browser sends it, to a site that refuses two domains; and a bibliography to send with it. */
import { afterAll, beforeAll } from 'vitest';
import { fewPapers, storePapers } from './papers.ts';
import { createTestSite, type Fields, type TestSite } from './site.ts';

interface File {
  bytes: string | Buffer;
  name?: string;
}

/** A paper that we hold, one that we don't, and two that can't be read. */
export const list = {
  bytes: `@misc{known, title={Named otherwise}, eprint={2611.00001}, archivePrefix={arXiv}}
@article{dune, title={Singing <b>sand</b> dunes}, author={Dune, Sandy}, year=1987}
@proceedings{all, title={All of them}}
@article{<i>none</i>, author={Dune, Sandy}}`,
};
/** The title of the paper that we hold. */
export const KNOWN = 'Tactile skins for <dexterous> robot hands';

/** The site for all tests of a file; `onSite` gets it once it is there. */
export function useSignUpForm(onSite: (site: TestSite) => void) {
  let site: TestSite;
  let count = 0;
  beforeAll(async () => {
    site = await createTestSite({ env: { REFUSE_DOMAINS: 'mailinator.com,throwaway.example' } });
    await storePapers(site.ctx, fewPapers, new Date('2026-11-24T05:00:00Z'));
    onSite(site);
  });
  afterAll(() => site.close());

  return {
    /** An address that no other test uses. */
    fresh: (domain = 'example.org') => `reader${++count}@${domain}`,

    /** Posts the form with its file field, filled or not, as a browser does. */
    async post(
      url: string,
      fields: Fields,
      files: File[] = [{ bytes: '', name: '' }],
      { from = '127.0.0.1', part = false } = {},
    ) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields))
        for (const each of [value].flat()) form.append(name, each);
      for (const { bytes, name = 'mine.bib' } of files) form.append('bib', new Blob([bytes]), name);
      const request = new Request('http://paperboy.localhost/', { method: 'POST', body: form });
      return site.app.inject({
        method: 'POST',
        url,
        remoteAddress: from,
        headers: {
          'content-type': request.headers.get('content-type') ?? '',
          ...(part ? { 'x-part': 'preview' } : {}),
        },
        payload: Buffer.from(await request.arrayBuffer()),
      });
    },

    /** The titles of the papers that this reader likes. */
    likedBy: async (email: string) =>
      (
        await site.sql`select p.title from feedback f join papers p on p.id = f.paper_id
          join subscribers s on s.id = f.subscriber_id where s.email = ${email} order by p.title`
      ).map(({ title }) => title),
  };
}
