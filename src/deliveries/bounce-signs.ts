/** Marks of a message that came back without a report: who sent it, what its subject says, and its first words. Pure. */
import type { MimeMessage } from './bounce-mime.ts';
import { judgeRefusal } from './bounce-reasons.ts';

export function isFromMailSystem(message: MimeMessage): boolean {
  return (
    /mailer-?daemon|postmaster|mail delivery (?:sub)?system|mail\.delivery\.system/i.test(
      message.header('from'),
    ) || message.header('x-failed-recipients') !== ''
  );
}

/** RFC 3834, and the marks of those before it. */
export function isAutoReply(message: MimeMessage): boolean {
  const submitted = message.header('auto-submitted').toLowerCase();
  return (
    submitted.startsWith('auto-replied') ||
    /vacation/.test(submitted) ||
    [
      'x-autoreply',
      'x-autorespond',
      'x-autoresponse',
      'x-auto-reply-from',
      'x-mail-autoreply',
      'x-vacation',
    ].some((name) => !/^(?:no)?$/i.test(message.header(name).trim())) ||
    /auto_?reply/i.test(`${message.header('precedence')} ${message.header('x-precedence')}`) ||
    AUTO_SUBJECT.test(message.header('subject'))
  );
}

const AUTO_SUBJECT =
  /^\s*(?:(?:re|aw|fwd?|sv|vs)\s*:\s*)?(?:auto(?:matic|matisch|matische|mated)?[ -]?(?:re(?:ply|sponse|sponder)|antwort)|auto ?:|out of (?:the )?office|ooo\b|i am (?:away|out)|away from (?:the )?(?:office|my mail)|on vacation|vacation (?:reply|response|notice)|abwesenheit|automatische (?:antwort|abwesenheit)|abwesend|r[eé]ponse automatique|absence du bureau|respuesta autom[aá]tica|fuera de (?:la )?oficina|risposta automatica|resposta autom[aá]tica|autosvar|automatisch antwoord|автоответ|自動応答|自动回复|自動返信|不在通知)/i;

const FAILURE_SUBJECT =
  /undeliver|unable to deliver|delivery (?:status|report|fail\w*|problem|notification|has failed|incomplete|error)|fail(?:ed|ure) (?:delivery|notice)|mail(?:\s\w+)? (?:delivery|failure|could not)|returned (?:mail|to sender)|(?:mail|message|e-?mail)\b.{0,30}\b(?:could not be|not) delivered|not delivered|message (?:delivery|blocked|you sent)|delayed mail|could not send message|non[- ]?deliver|non remis|no (?:se )?(?:ha |pudo )?entreg|unzustellbar|error sending your mail|mail system error|bounce[ds]?\b|rejected|\bnot (?:a )?member\b|недоставлен|配信|エラー/i;

const FAILURE_WORDS =
  /could not be delivered|(?:un|not )able to (?:be )?deliver|wasn't able to deliver|(?:was|were|has|have) (?:not been|not|n't been) delivered|delivery (?:to|of|has|for|failed)\b.{0,80}\b(?:fail|delay|permanent)|undeliverable|not a member of this mailing list|(?:permanent|fatal|delivery|transient)(?: \w+)? (?:fatal )?(?:errors?|problems|failure)|did not reach the following|failure reasons|message (?:from .{1,80} )?(?:is|has been) (?:delayed|rejected|blocked)|could not be (?:sent|reached)|trouble delivering|user unknown|unknown user|no such user|invalid final delivery|mailbox is full|returned to (?:the )?sender|送信できません|配信できません|не может быть (?:доставлено|отправлено)|[45]\d\d[ -][45]\.\d\.\d/i;

/** Bounces without a report: at least two signs of sender, subject, words and empty envelope. */
export function tellsOfFailure(message: MimeMessage, prose: string): boolean {
  if (message.header('x-failed-recipients')) return true;
  const speaksOfFailure = FAILURE_WORDS.test(prose.replace(/\s+/g, ' '));
  const signs = [
    isFromMailSystem(message),
    FAILURE_SUBJECT.test(message.header('subject')),
    speaksOfFailure,
    isShortNotice(prose),
    /^<\s*>$/.test(message.header('return-path')) ||
      /report-type="?delivery-status/.test(message.contentType),
  ];
  return signs.filter(Boolean).length >= 2;
}

/** A few sentences that say no more than that a mail did not arrive, and why. */
function isShortNotice(prose: string): boolean {
  if (
    prose.length > 1000 ||
    !/could not be delivered|unable to deliver|was not delivered|not a member of/i.test(prose)
  )
    return false;
  const { reason } = judgeRefusal({ text: prose, status: null, code: null, stage: null });
  return ['userunknown', 'hostunknown', 'mailboxfull', 'rejected'].includes(reason);
}
