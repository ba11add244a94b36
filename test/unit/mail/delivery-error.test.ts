/** What went wrong with a mail, read from the errors that nodemailer throws: for good, for now, or the server's own fault. */
import { describe, expect, it } from 'vitest';
import { readDeliveryFault, withBodyBegun } from '../../../src/mail/delivery-error.ts';

const smtp = (code: string, responseCode: number, command: string, response: string) =>
  Object.assign(new Error(`Can't send mail: ${response}`), { code, responseCode, command, response });
const network = (code: string, message: string, command = 'CONN') =>
  Object.assign(new Error(message), { code, command });

describe('a fault', () => {
  it.each([
    ['an unknown mailbox', smtp('EENVELOPE', 550, 'RCPT TO', '550 5.1.1 No such user'), 'rejected', 550],
    ['a refused sender', smtp('EENVELOPE', 553, 'MAIL FROM', '553 Not allowed'), 'rejected', 553],
    ['refused content', smtp('EMESSAGE', 554, 'DATA', '554 5.7.1 Spam'), 'rejected', 554],
    [
      'a mailbox over its quota for good',
      smtp('EENVELOPE', 552, 'RCPT TO', '552 5.2.2 Full'),
      'rejected',
      552,
    ],
    ['greylisting', smtp('EENVELOPE', 451, 'RCPT TO', '451 4.7.1 Try again later'), 'deferred', 451],
    ['a full mailbox', smtp('EENVELOPE', 452, 'RCPT TO', '452 4.2.2 Full'), 'deferred', 452],
    ['a rate limit', smtp('EENVELOPE', 450, 'RCPT TO', '450 4.2.1 Too fast'), 'deferred', 450],
    ['a busy server after DATA', smtp('EMESSAGE', 451, 'DATA', '451 4.3.0 Busy'), 'deferred', 451],
    [
      'a server that closes',
      smtp('EENVELOPE', 421, 'RCPT TO', '421 4.3.2 Shutting down'),
      'unreachable',
      421,
    ],
    [
      'a server that greets with no',
      smtp('EPROTOCOL', 421, 'CONN', '421 Too many connections'),
      'unreachable',
      421,
    ],
    [
      'a server that wants none of us',
      smtp('EPROTOCOL', 554, 'CONN', '554 No service here'),
      'unreachable',
      554,
    ],
    ['a wrong password', smtp('EAUTH', 535, 'AUTH PLAIN', '535 5.7.8 Bad credentials'), 'unreachable', 535],
    ['a refused connection', network('ESOCKET', 'connect ECONNREFUSED 127.0.0.1:25'), 'unreachable', null],
    ['an unknown host', network('EDNS', 'getaddrinfo ENOTFOUND mail.example.org'), 'unreachable', null],
    ['a silent server', network('ETIMEDOUT', 'Greeting never received'), 'unreachable', null],
    ['a broken line', network('ECONNECTION', 'Connection closed unexpectedly', 'DATA'), 'unreachable', null],
    ['a bad certificate', network('ETLS', 'self-signed certificate'), 'unreachable', null],
    ['an envelope we built wrong', network('EENVELOPE', 'No recipients defined', 'API'), 'rejected', null],
    ['a code not known', network('ENEW', 'something new'), 'deferred', null],
    ['an error without a code', new Error('something else'), 'deferred', null],
    ['no error at all', undefined, 'deferred', null],
    ['a text', 'thrown as text', 'deferred', null],
  ])('of %s is told apart', (_name, error, kind, code) => {
    expect(readDeliveryFault(error)).toMatchObject({ kind, code });
  });

  it('about one mail stays that mail’s, though the connection broke with it', () => {
    const error = smtp('ECONNECTION', 550, 'RCPT TO', '550 5.1.1 No such user');
    expect(readDeliveryFault(error).kind).toBe('rejected');
  });

  it('after the body was begun leaves the mail’s fate unknown only where no answer came', () => {
    const begun = (error: Error) => readDeliveryFault(withBodyBegun(error));
    const lost = () => network('ECONNECTION', 'Connection closed unexpectedly');
    expect(begun(lost())).toMatchObject({ kind: 'deferred', unknown: true });
    expect(begun(network('ETIMEDOUT', 'Timeout'))).toMatchObject({ kind: 'deferred', unknown: true });
    expect(begun(smtp('EMESSAGE', 554, 'DATA', '554 Spam'))).toMatchObject({
      kind: 'rejected',
      unknown: false,
    });
    expect(begun(smtp('ECONNECTION', 421, 'CONN', '421 Closing'))).toMatchObject({ unknown: false });
    expect(readDeliveryFault(lost())).toMatchObject({ kind: 'unreachable', unknown: false });
  });

  it('keeps the server’s answer on one line, not longer than a column should be', () => {
    const answer = `550-5.7.1 First\r\n550 ${'x'.repeat(2000)}`;
    const fault = readDeliveryFault(smtp('EENVELOPE', 550, 'RCPT TO', answer));
    expect(fault.answer).toMatch(/^550-5\.7\.1 First 550 x+$/);
    expect(fault.answer).toHaveLength(500);
    expect(readDeliveryFault(new Error('two\nlines')).answer).toBe('two lines');
  });
});
