/** What the preference page says of a reader's address and data. Pure. */
import { CONFIRM_DAYS } from '../deliveries/write-mail.ts';
import { dateAndTime, plainDate } from '../mail/words.ts';
import type { Translate } from '../messages.ts';
import type { Subscriber } from '../subscribers/subscribers.repo.ts';
import type { AccountState } from '../template-views.ts';

export interface RefusedAddress {
  typed: string;
  problem: string;
}

export function accountState(
  { status, timezone, newEmail, newEmailAt, eraseAt }: Subscriber,
  now: Date,
  t: Translate,
  refused?: RefusedAddress,
): AccountState {
  const until = newEmailAt && new Date(newEmailAt.getTime() + CONFIRM_DAYS * 24 * 3600_000);
  return {
    typed: refused?.typed ?? '',
    problem: refused?.problem ?? null,
    canMove: status === 'active',
    asked:
      newEmail && until && until > now && status === 'active'
        ? { email: newEmail, until: plainDate(until, timezone, t) }
        : null,
    eraseAt: eraseAt && dateAndTime(eraseAt, timezone, t),
  };
}
