/**
 * What may be stored of a reader, whatever was posted with their links: what it was, or what a form that was filled in well
 * would have brought. Says in words what is neither; the rules are written anew here, apart from those of the code.
 */
import type postgres from 'postgres';

type Row = Record<string, unknown>;

export interface ReaderState {
  subscriber: Row;
  profile: Row;
  topics: string[];
  judged: Row[];
  consents: Row[];
  deliveries: Row[];
}

export async function readState(sql: postgres.Sql, id: number): Promise<ReaderState> {
  const [row] = await sql`select jsonb_build_object(
    'subscriber', to_jsonb(s),
    'profile', (select to_jsonb(p) from profiles p where p.subscriber_id = s.id),
    'topics', (select coalesce(jsonb_agg(t.slug order by t.id), '[]') from profile_topics c join topics t on t.id = c.topic_id
      where c.subscriber_id = s.id),
    'judged', (select coalesce(jsonb_agg(f order by f.paper_id), '[]') from feedback f where f.subscriber_id = s.id),
    'consents', (select coalesce(jsonb_agg(c order by c.id), '[]') from consents c where c.subscriber_id = s.id),
    'deliveries', (select coalesce(jsonb_agg(d order by d.id), '[]') from deliveries d where d.subscriber_id = s.id)
    ) as state from subscribers s where s.id = ${id}`;
  if (!row) throw new Error('the reader is gone');
  return row.state as ReaderState;
}

const DAY_MS = 24 * 3600_000;
/** Of the ones that a form may name; never the address that mail goes to, nor anything that a link depends on. */
const KEPT = ['id', 'email', 'email_key', 'email_hash', 'token_version', 'created_at', 'moved_at'] as const;

/**
 * What of `after` no well-formed request could have made of `before`; empty where all is well. `mayMove`: the request had
 * the link that agrees to another address, and the one that was wished may be theirs now.
 */
export function faultsOfState(
  before: ReaderState,
  after: ReaderState,
  { now, mayMove = false }: { now: Date; mayMove?: boolean },
): string[] {
  const { subscriber: s, profile } = after;
  const hasMoved = mayMove && s.email !== before.subscriber.email;
  const faults: string[] = [];
  const check = (holds: boolean, what: string) => holds || faults.push(what);
  const oneOf = (name: string, values: readonly unknown[]) =>
    check(values.includes(s[name]), `${name} is ${JSON.stringify(s[name])}`);
  const within = (name: string, first: number, last: number) =>
    check(
      Number.isInteger(s[name]) && Number(s[name]) >= first && Number(s[name]) <= last,
      `${name} is ${s[name]}`,
    );
  /** Null, or a time from `from` to `to` days from now. */
  const near = (name: string, from: number, to: number) => {
    const days = s[name] === null ? from : (Date.parse(String(s[name])) - now.getTime()) / DAY_MS;
    check(days >= from && days <= to, `${name} is ${s[name]}`);
  };

  const kept = KEPT.filter((name) => !hasMoved || name === 'id' || name === 'created_at');
  for (const name of kept) check(s[name] === before.subscriber[name], `${name} was changed`);
  if (hasMoved) check(s.email === before.subscriber.new_email, 'moved elsewhere than was wished');
  oneOf('status', ['pending', 'active', 'unsubscribed']);
  oneOf('frequency', ['daily', 'weekly']);
  oneOf('language', ['en', 'de']);
  oneOf('pickiness', ['low', 'medium', 'high']);
  oneOf('leave_reason', [null, 'too_many', 'not_for_me', 'found_other', 'other']);
  within('hour', 0, 23);
  within('paper_count', 3, 20);
  const days = s.weekdays as number[];
  check(days.length >= 1 && days.every((day) => [0, 1, 2, 3, 4, 5, 6].includes(day)), `weekdays are ${days}`);
  check(
    days.every((day, at) => at === 0 || day > (days[at - 1] ?? day)),
    `weekdays are not in order: ${days}`,
  );
  check(s.frequency === 'daily' || days.length === 1, `weekly on ${days.length} days`);
  check(isZone(String(s.timezone)), `timezone is ${JSON.stringify(s.timezone)}`);

  const isForever = String(s.paused_until).startsWith('9999-12-31');
  if (!isForever) near('paused_until', 0, 367);
  near('next_due_at', 0, 367 + 8);
  check(
    (s.status === 'active' && !isForever) === (s.next_due_at !== null),
    `is ${s.status}, due ${s.next_due_at}`,
  );
  check(s.status === 'unsubscribed' || s.leave_reason === null, 'gave a reason and is back');
  check(s.status !== 'active' || s.confirmed_at !== null, 'gets mail and never agreed');
  near('erase_at', 0, 1);
  check(s.status !== 'active' || s.erase_at === null, 'gets mail and is to be erased');
  near('new_email_at', -1, 0);
  check((s.new_email === null) === (s.new_email_at === null), 'half a wish to move');
  check(s.new_email === null || isPlainAddress(String(s.new_email)), `wishes to move to ${s.new_email}`);

  for (const name of ['keywords', 'excluded', 'authors']) {
    const words = profile[name] as string[];
    check(
      words.length <= 100 && new Set(words).size === words.length,
      `${name}: too many, or twice the same`,
    );
    for (const word of words) {
      const isLine =
        word !== '' &&
        word.length <= 120 &&
        word.trim() === word &&
        !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(word);
      check(isLine, `${name} hold ${JSON.stringify(word)}`);
    }
  }
  check(
    after.judged.every(({ verdict }) => verdict === 'liked' || verdict === 'disliked'),
    'an odd verdict',
  );
  check(
    after.judged.every(({ created_at: at }) => Date.parse(String(at)) <= now.getTime()),
    'a verdict of tomorrow',
  );
  const said = after.consents.slice(before.consents.length);
  check(said.length <= 2 && said.every(({ via }) => via === 'link' || via === 'one_click'), 'odd consents');
  const asked = after.deliveries.slice(before.deliveries.length);
  check(asked.length <= 1 && asked.every(({ kind }) => kind === 'new_address'), 'odd mails');
  return faults;
}

/** Asked of another than the code asks. */
function isZone(name: string): boolean {
  try {
    return /^[\w+/-]+$/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** One address of plain characters, and nothing that would end it in a header or a command to a mail server. */
function isPlainAddress(text: string): boolean {
  return text.length <= 254 && /^[!-~]+$/.test(text) && /^[^\s@<>()[\],;:\\"]{1,64}@[a-z0-9.-]+$/i.test(text);
}
