/** Papers a reader likes already, told at sign-up by id or link: what is known is kept, and nobody else's likes change. */
import { describe, expect, it } from 'vitest';
import { useLikes } from '../support/likes.ts';

const likes = useLikes();
const { get, likedBy } = likes;

describe('at sign-up', () => {
  const idOf = async (email: string) =>
    Number((await likes.site.sql`select id::int from subscribers where email = ${email}`)[0]?.id);

  it('the form takes ids and links, and tells which are not known', async () => {
    const email = 'form@example.org';
    const liked = 'https://arxiv.org/abs/2611.00001\n2401.09999';
    const answer = await likes.site.postForm('/subscribe', { email, liked });
    expect(answer.headers.location).toBe('/subscribed?notKnown=2401.09999');
    expect(await get('/subscribed?notKnown=2401.09999')).toContain('not known here yet: 2401.09999');
    expect(await get('/subscribed?notKnown=%3Cb%3Ehello%3C/b%3E')).not.toContain('hello');
    expect(await likedBy(await idOf(email))).toEqual(['Hands that <feel>']);
  });

  it('the form comes back with what was typed where an entry is no paper', async () => {
    const answer = await likes.site.postForm('/subscribe', { email: 'typo@example.org', liked: '2611.1' });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain(
      'Papers you like must be arXiv ids, DOIs or links to papers, unlike &quot;2611.1&quot;.',
    );
    expect(answer.body).toContain('>2611.1</textarea>');
    expect(await idOf('typo@example.org')).toBeNaN();
  });

  it('the API takes a list, answers as before without one, and refuses what is none with its field', async () => {
    const ask = (body: Record<string, unknown>) =>
      likes.site.postJson('/api/subscriptions', { email: 'api@example.org', ...body });
    expect((await ask({})).json()).toEqual({ status: 'check_inbox' });
    const taken = await ask({ liked: ['2611.00002', '2401.09999'] });
    expect([taken.statusCode, taken.json()]).toEqual([
      202,
      { status: 'check_inbox', notKnown: ['2401.09999'] },
    ]);
    expect(await likedBy(await idOf('api@example.org'))).toEqual(['Legs that run far and wide']);
    for (const liked of [['nonsense'], '2611.00001', Array.from({ length: 101 }, () => '2611.00001')]) {
      const refused = await ask({ liked });
      expect([refused.statusCode, refused.json().error.field]).toEqual([400, 'liked']);
    }
  });

  it('changes nothing for someone who is subscribed, and answers the same', async () => {
    const stranger = await likes.site.postForm('/subscribe', {
      email: 'new@example.org',
      liked: '2611.00001',
    });
    const known = await likes.site.postForm('/subscribe', {
      email: likes.email,
      liked: '2611.00001',
    });
    expect([known.statusCode, known.headers.location]).toEqual([
      stranger.statusCode,
      stranger.headers.location,
    ]);
    expect(await likedBy(likes.id)).toEqual([]);
  });

  it('keeps of two requests before the confirmation only what the last one liked', async () => {
    await likes.site.postForm('/subscribe', { email: 'twice@example.org', liked: '2611.00001' });
    await likes.site.postForm('/subscribe', { email: 'twice@example.org', liked: '2611.00002' });
    expect(await likedBy(await idOf('twice@example.org'))).toEqual(['Legs that run far and wide']);
  });
});
