/** How every source is asked: what is tried again and after how long, and what no retry can help. */
import { describe, expect, it, vi } from 'vitest';
import { getText } from '../../src/papers/sources/get-text.ts';
import { NOW, useUpstream } from '../support/sources.ts';
import type { Upstream } from '../support/upstream-server.ts';

let upstream: Upstream;
const { ctx, waits } = useUpstream({}, (started) => {
  upstream = started;
});

describe('getText', () => {
  const limits = { timeoutMs: 2_000, maxBytes: 1_000, accept: 'application/json' };
  const get = (signal?: AbortSignal) =>
    getText({ ...ctx, signal }, `${upstream.url}/api/daily_papers`, limits);

  it('says who is asking', async () => {
    await expect(get()).resolves.toBe('[]');
    expect(upstream.requests[0]?.userAgent).toBe(ctx.userAgent);
  });

  it('understands a date in Retry-After', async () => {
    upstream.failNext({
      kind: 'status',
      status: 503,
      retryAfter: new Date(NOW.getTime() + 9_000).toUTCString(),
    });
    await expect(get()).resolves.toBe('[]');
    expect(waits).toEqual([9_000]);
  });

  it('names the host and the status, and knows what a retry can not help', async () => {
    upstream.failNext({ kind: 'status', status: 403 });
    const host = new URL(upstream.url).host;
    await expect(get()).rejects.toMatchObject({ message: `${host} answered 403.`, retry: false });
  });

  it('does not try again where there is no way to the source, or only silence', async () => {
    const unreachable = { code: 'SOURCE_UNREACHABLE', retry: true };
    await expect(getText(ctx, 'http://127.0.0.1:1/', limits)).rejects.toMatchObject(unreachable);
    await expect(getText(ctx, 'http://nowhere.invalid/', limits)).rejects.toMatchObject(unreachable);
    upstream.failNext({ kind: 'silent' });
    const impatient = { ...limits, timeoutMs: 50 };
    await expect(getText(ctx, `${upstream.url}/x`, impatient)).rejects.toMatchObject(unreachable);
    expect(upstream.requests).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('stops when the run is called off, and does not blame the source', async () => {
    upstream.failNext({ kind: 'silent' });
    const reason = new Error('stopping');
    const run = new AbortController();
    const answer = get(run.signal);
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1));
    run.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });
});
