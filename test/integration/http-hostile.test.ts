/** Thousands of hostile requests, to every route there is: no answer is a fault of ours, none echoes an attack, and nothing changes. */
import fc from 'fast-check';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { composePage } from '../../src/digests/compose.ts';
import { type ApiDescription, readApiDescription, requestsFor } from '../support/api-description.ts';
import { faultsOfAnswer } from '../support/hostile-answers.ts';
import {
  type HostileRequest,
  hostileBodies,
  hostileGets,
  hostilePosts,
  type Target,
  turnedTokens,
} from '../support/hostile-requests.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { listRoutes, type Route } from '../support/list-routes.ts';
import { makePaper, storePapers } from '../support/papers.ts';
import { PROVIDER_ENV } from '../support/provider-calls.ts';
import { createTestSite, type TestSite } from '../support/site.ts';

let site: TestSite;
let target: Target;
let api: ApiDescription;
let before: unknown;
let sent = 0;

beforeAll(async () => {
  // With a mailbox and all providers, as only then there are all routes.
  const { built, routes } = await listRoutes(() => createTestSite({ localMailbox: true, env: PROVIDER_ENV }));
  site = built;
  // What stands in the database is hostile too, as every page shows some of it.
  const texts = ['markup', 'template'].flatMap((family) => HOSTILE_VALUES[family] ?? []);
  const papers = texts.map((text, at) =>
    makePaper({
      title: `Robot ${text}`,
      abstract: `Robots. ${text}`,
      authors: [text, 'Ada Feel'],
      venue: text,
      categories: ['cs.RO', text.slice(0, 20)],
      arxivId: `2611.${10_000 + at}`,
      upvotes: at,
    }),
  );
  await storePapers(site.ctx, papers, site.clock.now());
  const keywords = ['robots', ...texts.filter((text) => !/[\n\u2028]/.test(text))];
  const id = await site.addReader('reader@example.org', { topics: ['cs-ro'], keywords });
  await composePage(site.ctx, site.clock.now(), [id]);
  const [digest] = await site.sql`select id::int from digests`;
  const [paper] = await site.sql`select paper_id::int as id from digest_papers`;
  const paperId = Number(paper?.id);
  const tokenOf = (...link: Parameters<TestSite['path']>) =>
    site
      .path(...link)
      .split('/')
      .at(-1) ?? '';
  target = {
    routes,
    tokens: {
      confirm: tokenOf('confirm', await site.addPending('pending@example.org')),
      preferences: tokenOf('preferences', id),
      pause: tokenOf('pause', id),
      unsubscribe: tokenOf('unsubscribe', id),
      digests: tokenOf('digest', Number(digest?.id)),
      more: tokenOf('more', id, { paperId }),
      less: tokenOf('less', id, { paperId }),
    },
  };
  api = await readApiDescription(site.app);
  before = await site.dump();
});
// The promise of this whole file.
afterEach(async () => {
  expect(await site.dump()).toEqual(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
afterAll(() => site.close());

async function send(request: InjectOptions): Promise<LightMyRequestResponse> {
  sent++;
  // From everywhere on this machine, so that no limit hides what is behind it.
  const remoteAddress = `127.${(sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`;
  return site.app.inject({ ...request, remoteAddress });
}

/** What no answer may be, in words; empty where it is as it should be. */
function faultsOf({ method, pattern }: Route, answer: LightMyRequestResponse): string[] {
  const faults = faultsOfAnswer(answer);
  const path = pattern.replace(/:(\w+)/g, '{$1}');
  const isJson = String(answer.headers['content-type'] ?? '').startsWith('application/json');
  const broken = isJson ? api.faultOf({ method, path }, answer) : null;
  if (broken) faults.push(`is not as described: ${broken}`);
  return faults;
}

/** Each fault of a route once, with the first request that showed it. */
async function faultsAfter(requests: Iterable<HostileRequest>): Promise<string[]> {
  const faults = new Map<string, string>();
  const judge = async ({ route, request }: HostileRequest) => {
    for (const fault of faultsOf(route, await send({ method: route.method, ...request }))) {
      const name = `${route.method} ${route.pattern} ${fault}`;
      if (!faults.has(name)) faults.set(name, `${name}: ${JSON.stringify(request).slice(0, 300)}`);
    }
  };
  let underWay: Promise<void>[] = [];
  for (const request of requests) {
    underWay.push(judge(request));
    if (underWay.length < 20) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
  return [...faults.values()];
}

const families = Object.entries(HOSTILE_VALUES).map(([family, values]) => ({ family, values }));

describe.each(families)('hostile text of the kind "$family"', ({ values }) => {
  it('harms nothing in a path, a query or a header', async () => {
    expect(await faultsAfter(hostileGets(values, target))).toEqual([]);
  });

  it('harms nothing in a form, an upload or JSON', async () => {
    expect(await faultsAfter(hostilePosts(values, target))).toEqual([]);
  });
});

it('hostile bodies harm nothing, whatever they claim to be', async () => {
  expect(await faultsAfter(hostileBodies(target))).toEqual([]);
});

it('a link in which any bit is turned opens nothing', async () => {
  expect(await faultsAfter(turnedTokens(target))).toEqual([]);
});

it('the API keeps to its description, whatever it is asked', async () => {
  for (const { method, path, operation } of api.operations) {
    const route: Route = { method, pattern: path.replace(/\{(\w+)\}/g, ':$1') };
    await fc.assert(
      fc.asyncProperty(requestsFor({ method, path, operation }), async (request) => {
        expect(faultsOf(route, await send(request))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  }
});

it('all this was thousands of requests to dozens of routes', () => {
  expect(target.routes.length).toBeGreaterThan(50);
  expect(sent).toBeGreaterThan(4000);
});
