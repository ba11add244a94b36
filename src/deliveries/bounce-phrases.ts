/** What mail servers say when they refuse a mail, and what their codes mean: tables, from standards and from the servers' own texts. */

/**
 * Phrases of mail servers, in order: the first that fits decides. Those that speak of the sender or of the moment stand
 * ahead of "user unknown", since servers like to add both.
 */
export const PHRASES: readonly (readonly [reason: string, phrase: RegExp])[] = [
  // cPanel says this of names that it can't look up.
  ['hostunknown', /account or domain may not exist/],
  [
    'mailboxfull',
    /(?:mail ?box|inbox|account|user|recipient|maildir|folder)\b.{0,60}?\b(?:is |was |are )?(?:almost |too )?(?:full\b|over(?: the| its| their)?(?: allowed)? ?(?:quota|size|limit)|exceed)/,
  ],
  [
    'mailboxfull',
    /\bover ?quota\b|\bquota[ _-]?(?:exceeded|full|violation|limit)|\bexceed\w*\b.{0,50}\b(?:quota|mailbox|storage)|(?:quota|storage|allocation)\b.{0,40}\b(?:exceeded|full|exhausted)|out of (?:storage|quota)|not enough (?:disk |storage )?space|(?:insufficient|no) (?:mailbox|storage|user) space|mailbox size limit|too many messages in (?:the |this )?mailbox|メールボックスが(?:いっぱい|一杯|満杯)|boite.{0,20}pleine|buz[oó]n.{0,20}lleno|postfach.{0,20}voll/,
  ],
  [
    'systemfull',
    /(?:insufficient|out of|no space|not enough) (?:system )?(?:disk|storage|system|left|resources)|mail system full/,
  ],
  [
    'spamdetected',
    /spam classification|(?:rejected|blocked|identified|detected|classified|considered)\b.{0,30}\bspam\b/,
  ],
  [
    'suspend',
    /\b(?:account|recipient|user|mail ?box)\b.{0,30}\b(?:is|was|has been) (?:temporarily )?blocked\b/,
  ],
  [
    'suspend',
    /(?:account|mail ?box|user|recipient|domain|e-?mail|address)\b.{0,70}?\b(?:(?:is|has been|was|been|currently|temporar(?:y|ily)|are) )?(?:disabled|suspend(?:ed)?|frozen|locked|deactivated|de-activated|inactive|not active|blocked for (?:inactivity|non)|on hold|discontinued|expired)\b/,
  ],
  [
    'suspend',
    /\b(?:disabled|suspended|inactive|deactivated|locked|frozen|dormant) (?:recipient|user|account|mail ?box|e-?mail|address)|mailbox (?:is )?(?:currently )?(?:unavailable due to inactivity|not accepting)|not accepting (?:messages|mail) for this (?:user|recipient|account)/,
  ],
  [
    'speeding',
    /\b(?:receiving|sending) mail (?:at a rate|too (?:quickly|fast))|\brate[ -]?limit|\btoo many (?:messages|mails?|e-?mails)\b|\bthrottl|\btoo (?:fast|quickly)\b|excessive (?:rate|message rate)|sent to too many recipients|message(?:s)? (?:rate|per (?:hour|day|minute))|hourly (?:limit|quota)|daily (?:limit|sending)|try again later.{0,40}(?:rate|volume)/,
  ],
  [
    'toomanyconn',
    /too many (?:connections|concurrent|sessions|recipients|simultaneous)|frequency limited|connection (?:limit|rate)|max(?:imum)? (?:number of )?(?:connections|recipients)|connections? exceed/,
  ],
  [
    'authfailure',
    /\bdmarc\b|\bdkim\b|\bspf\b|sender policy framework|unauthenticated (?:e-?mail|message)|authentication (?:checks?|information|results?)\b|sender id\b.{0,20}\bfail|domainkeys? /,
  ],
  [
    'requireptr',
    /\bptr\b|\breverse (?:dns|lookup|ip|host|address|mapping|name)|\brdns\b|\bname lookup failed|mismatch(?:es|ed)? (?:the )?client ip|cannot (?:find|resolve) your (?:host ?name|ip|address)|(?:unable|fail\w*|could not|cannot) to? ?(?:resolve|find|verify|look ?up) (?:the )?(?:your|client|sending|remote|ip|hostname|host name)|without (?:a )?(?:reverse|ptr|dns)|no (?:reverse )?dns (?:entry|record)|does(?:n't| not) have (?:a )?reverse|forward[- ]confirmed/,
  ],
  [
    'badreputation',
    /\b(?:bad|poor|low|negative|ip|domain|sender|your|the) reputation\b|reputation (?:score|service|of|is|filter)|user complaints/,
  ],
  [
    'blocked',
    /\bblack ?-?list|\bblock ?-?list|\bdeny ?-?list|\bblocked (?:using|by|at|for|due|because|ip)|\b(?:rbl|dnsbl|uribl|surbl)\b|spamhaus|spamcop|sorbs\b|barracudacentral|\bclient (?:host|ip|address)\b.{0,80}\b(?:rejected|blocked|denied|refused)|\b(?:ip|host|address|network|server|connection)s?\b.{0,60}\b(?:is |has been |was |been |are )?(?:blocked|banned|black|listed (?:in|at|by|on))|(?:blocked|banned) (?:ip|host|address|network|client)|\bbanned\b|your (?:ip|host|server|network|mail server)\b.{0,60}\b(?:rejected|denied|refused|not allowed|not accepted)|may not be mail exchanger|bad (?:helo|ehlo)|(?:helo|ehlo)\b.{0,60}\b(?:rejected|invalid|denied|refused|syntax)|invalid domain name|connection (?:refused|rejected|denied) (?:by|due|for) (?:policy|your)|access denied.{0,30}\bip\b|service refus|dynamic (?:ip|address|host)|generic (?:hostname|reverse|rdns)|\(bl\)|too many (?:spam|bad|invalid|unknown)/,
  ],
  [
    'notcompliantrfc',
    /\bnot (?:rfc|compliant)|\brfc ?-?\d{3,4}\b|non-?compliant|multiple\b.{0,40}\b(?:headers?|addresses in)|(?:missing|invalid|bad|no|duplicate|malformed) (?:from|date|message-id|to|sender|subject) (?:header|field)|bare (?:lf|cr|line feed)|8-?bit (?:data|characters?)|headers?.{0,30}(?:are |is )?(?:malformed|missing|not valid|invalid)/,
  ],
  ['virusdetected', /\bvirus(?:es)?\b(?! firewall)|\bmalware|\binfected\b|\bworm\b|\btrojan/],
  [
    'mesgtoobig',
    /\b(?:message|mail|e-?mail|size|header)s?\b.{0,40}\b(?:too (?:big|large)|exceed\w*|larger than|over the maximum)|(?:maximum|max\.?|fixed) (?:message |mail )?size|size limit|too (?:big|large) (?:message|mail)|message (?:length exceeds|too long)/,
  ],
  [
    'spamdetected',
    /\bspam\b|\bspamassassin|\bspammy|\bunsolicited|\bbulk e?-?mail|\bjunk\b|\bube\b|\buce\b|message (?:looks|seems) like|content.{0,20}(?:filter|rejected)|mail rejet|mail rejected|phish/,
  ],
  [
    'norelaying',
    /\brelay(?:ing)?\b.{0,40}\b(?:denied|not (?:permitted|allowed|possible|authori[sz]ed)|prohibited|rejected|disallowed|refused|forbidden)|\b(?:no|not|un(?:able|authori[sz]ed)(?: to)?|can(?:no|')t|insecure mail|denied|don't|do not|not (?:allowed|permitted) to|not an open|open|we) relay|relay(?:ing)? (?:access|mail|not)|not (?:a |in )?(?:local (?:host|domain)|rcpthosts|list of allowed rcpthosts)|isn't in my list of allowed rcpthosts|e-?mail address is not verified/,
  ],
  [
    'rejected',
    /\bsender (?:address |domain |e-?mail |verif\w+ |verify )*(?:is |was |has been )*(?:rejected|denied|refused|blocked|not (?:allowed|accepted|authori[sz]ed|permitted|found|verified)|fail\w*|unknown|does not exist|invalid|not exist)|\bdomain of sender|\b(?:invalid|bad|unknown|forged|unresolvable|blocked|reject\w*|unroutable|unverified) (?:sender|return[- ]path|envelope from|mail from)|mail from\b.{0,60}\b(?:rejected|refused|not|denied|invalid|unknown)|sender.{0,40}(?:white ?list|not listed|not (?:in|on) )|not (?:allowed|permitted|authori[sz]ed) to (?:send|post|mail|e-?mail)|(?:do(?:es)? not|don't|doesn't|not) have permission|only (?:members|subscribers|authori[sz]ed|accepts)|restricted to|group you tried to contact|does not accept mail from|(?:reject|refus)\w* (?:all )?mail from|administrative prohibition|we do not accept mail from|unable to verify (?:the )?(?:sender|address)|(?:verification|callout|callback) (?:failed|error)|sender(?:'s)? (?:address|domain).{0,60}(?:not exist|resolv|reject)/,
  ],
  [
    'securityerror',
    /authentication (?:is )?(?:required|failed|failure|unsuccessful)|(?:smtp|enable|turn on).{0,20}\bauth(?:entication)?\b|unauthenticated senders?|\bstarttls\b|\btls (?:is )?(?:required|negotiation|handshake|encryption)|must (?:authenticate|issue a starttls|use tls)|insecure connection|security (?:error|failure|features|policy)|encryption (?:required|needed)|certificate/,
  ],
  [
    'notaccept',
    /\bnull ?mx\b|\bdo(?:es)? ?n(?:o|')t (?:accept|receive) (?:any )?(?:e-?mails?|mail|messages)\b(?! from)|does not (?:accept|receive) (?:any )?(?:e-?mails?|mail|messages)\b(?! from)|\bno smtp service|host\/domain does not accept mail|smtp protocol diagnostic: ?nullmx/,
  ],
  [
    'networkerror',
    /too many hops|hop count|(?:mail|routing|forwarding|message) loop|loop(?:s|ing)? (?:back|detected)|network (?:error|is unreachable|unreachable)|\bdns (?:error|lookup|server|fail)|no route to host|name server.{0,30}(?:error|fail|timeout)|(?:temporary|transient).{0,30}(?:dns|resolution|lookup)|host (?:is )?unreachable|unable to (?:look ?up|resolve)|could not (?:contact|look ?up) (?:dns|name)|malformed (?:dns|mx|name)|name server reply|host not found, try again|lowest numbered mx|too many "?received|cname lookup failed|best[- ]preference mx|mail for .{1,100} loops/,
  ],
  [
    'hostunknown',
    /\b(?:host|domain|hostname)(?:[- ]names?)?(?: or domain name)?(?: [^\s:;]{1,80}){0,2}? (?:(?:is |was |are )?(?:not found|unknown|invalid|non-?existent|not known|not valid)|(?:does ?n(?:o|')t|does not|did not) exist|could(?:n't| not) be found)\b|\b(?:unknown|no such|invalid|non-?existent|illegal|bad|can(?:no|')t find (?:any|the)|couldn't find (?:any|the)|unresolvable) (?:destination )?(?:e?-?mail )?(?:host|domain|mx)\b|nxdomain|bad destination (?:system|mailbox domain)|illegal host\/domain|unrout(?:e)?able (?:mail )?domain|no (?:mx|a) (?:record|host)|name or service not known|no valid hosts|host address lookups failed permanently|point to non-existent hosts|couldn't find a mail exchanger|domain missing or malformed|host(?:name)? lookup: unknown|bad host|domain name lookup failed/,
  ],
  [
    'hasmoved',
    /\bhas moved\b|\buser not local; please try|\bnot our customer|\bmoved to (?:another|a new|new)|\bhas been replaced by|\bis no longer (?:used|in use).{0,40}(?:new|use)|\bnew e-?mail address is|please try </,
  ],
  [
    'userunknown',
    /\b(?:user|recipient|mail ?box|account|address|alias|addressee|e-?mail|userid|user name|username|user id|customer|person|subscriber|destinatai?re?|empf[aä]nger|usuario|member)s?\b.{0,90}?\b(?:unknown|(?:was |were |is |are )?not (?:be )?found|(?:does|do|did)(?: ?n(?:o|')t|n't| not)(?: currently)? (?:exist|have|match|appear)|not exist|doesn't|no longer (?:exists?|valid|available|on|with|active|here|in)|non-?existent|invalid|not (?:known|listed|recogni[sz]ed|registered|valid|a valid|a known|exist|here|in (?:the |our |my )?(?:directory|address|list|virtual|local|relay|user|database)|present|a registered)|couldn't be found|could not be found|couldn't be verified|undeliverable|cannot be found|can't be found|inconnue?|invalide|unbekannt|desconocido|rejected: access denied)\b/,
  ],
  [
    'userunknown',
    /\b(?:unknown|no such|invalid|bad|nonexistent|non-existent|no|not a (?:valid|known|registered)|not our|illegal|undeliverable|unrout(?:e)?able|unrecogni[sz]ed|wrong|no valid|no matching|no local) (?:final delivery |destination |local |virtual |e-?mail |mail |to )?(?:user|recipient|mail ?box|account|address(?!ed)|addressee|alias|userid|person|local[- ]part|name|customer|email|mail drop|member)/,
  ],
  [
    'userunknown',
    /\bno (?:one|body) (?:here )?by that name|\bby that name\b|\bdoesn't have an? .{1,80} account|\bdoes not have an? .{1,80} account|\b(?:is )?not a (?:valid|known|registered) (?:user|gateway|mailbox|address)|address not found|wasn't found at|e-?mail address wasn't found|check if address is correct|delivery to this address is restricted|nosuchuser|adressat unbekannt|destinataire inconnu|does not like recipient\.\s*$|recipnotfound|recipientnotfound|not listed in (?:public )?name|ist? unbekannt|no such person|no hay ning[uú]n/,
  ],
  [
    'expired',
    /gr[ae]y-?list|could not deliver for the last|temporarily deferred|\btimed? ?-?out\b|\bexpired\b|\bretry (?:time|timeout)|\bqueue too long|\bbeen (?:in the queue|queued) |\bdelivery time|\bcould not (?:be delivered|connect) for|\bwill (?:be retried|retry|keep trying|continue)|\bdelayed\b|\b(?:unable|fail\w*|could not|couldn't) (?:to )?(?:connect|establish)|\bnot reachable|\bunreachable|connection (?:refused|reset|dropped|lost|closed|failed)|lost connection|did ?n(?:o|')t (?:respond|accept our requests to connect)|did not accept our requests|not respond|no answer from host|server (?:is )?(?:down|unavailable)|socket error|conversation with .{1,100} timed|bad connection|still being retried|host(?:s)? (?:not|un)available/,
  ],
  [
    'syntaxerror',
    /\bcommand (?:parameter )?not (?:implemented|recogni[sz]ed|supported)|\bsyntax error|\bunrecogni[sz]ed command|\bbad (?:sequence|command)|\binvalid (?:command|syntax)|\bnot implemented|need (?:mail|rcpt)/,
  ],
  [
    'policyviolation',
    /\bpolic(?:y|ies)\b|\bprotocol violation|\bnot accepted for|prohibited|forbidden|restriction/,
  ],
  [
    'contenterror',
    /\b(?:message |mail )?content|conversion|unsupported (?:charset|media|encoding)|attachment|improper/,
  ],
  [
    'mailererror',
    /\bmailer (?:error|failed)|\bprocmail|\bmaildrop|\bpipe\b|\blocal configuration|exit (?:status|code)|child (?:status|process)|command (?:failed|died|time)|local delivery|\bx-unix\b|delivery agent/,
  ],
  [
    'systemerror',
    /\bsystem (?:config|error|not|problem)|\binternal (?:server |system )?error|\btransaction failed|\bservice (?:currently |temporarily |is )?(?:un|not )available|\blocal error|\bserver (?:configuration|error|problem)|\bresources? (?:temporarily )?(?:un|restrict)|configuration (?:error|problem)/,
  ],
  [
    'filtered',
    /\bfilter(?:ed|s)?\b|\brefused by (?:the )?recipient|(?:due to|based on the e-?mail) (?:recipient )?preferences|recipient (?:refused|rejected|has)|not delivered due to/,
  ],
];

/** So general that a code says more. */
export const VAGUE: readonly (readonly [reason: string, phrase: RegExp])[] = [
  ['filtered', /\bmail ?box unavailable/],
  [
    'rejected',
    /\b(?:access|permission) denied|\brejected\b|\brefused\b|\bdenied\b|not (?:allowed|permitted|authori[sz]ed)/,
  ],
];

/** What a code alone says (RFC 3463 and its registry), for those without words. */
export const BY_STATUS: Readonly<Record<string, string>> = {
  '1.0': 'userunknown',
  '1.1': 'userunknown',
  '1.2': 'hostunknown',
  '1.3': 'userunknown',
  '1.4': 'rejected',
  '1.6': 'hasmoved',
  '1.7': 'rejected',
  '1.8': 'rejected',
  '1.10': 'notaccept',
  '2.0': 'filtered',
  '2.1': 'suspend',
  '2.2': 'mailboxfull',
  '2.3': 'exceedlimit',
  '2.4': 'filtered',
  '3.0': 'systemerror',
  '3.1': 'systemfull',
  '3.2': 'systemerror',
  '3.4': 'mesgtoobig',
  '3.5': 'systemerror',
  '4.0': 'expired',
  '4.1': 'expired',
  '4.2': 'expired',
  '4.3': 'systemerror',
  '4.4': 'hostunknown',
  '4.5': 'systemfull',
  '4.6': 'networkerror',
  '4.7': 'expired',
  '4.14': 'networkerror',
  '5.0': 'syntaxerror',
  '5.1': 'syntaxerror',
  '5.2': 'syntaxerror',
  '5.3': 'toomanyconn',
  '5.4': 'syntaxerror',
  '6.0': 'contenterror',
  '6.1': 'contenterror',
  '6.3': 'contenterror',
  '6.5': 'contenterror',
  '6.9': 'contenterror',
  '7.0': 'policyviolation',
  '7.1': 'rejected',
  '7.3': 'securityerror',
  '7.4': 'securityerror',
  '7.5': 'securityerror',
  '7.6': 'securityerror',
  '7.7': 'securityerror',
  '7.13': 'suspend',
  '7.20': 'authfailure',
  '7.21': 'authfailure',
  '7.22': 'authfailure',
  '7.23': 'authfailure',
  '7.24': 'authfailure',
  '7.25': 'requireptr',
  '7.26': 'authfailure',
  '7.27': 'notaccept',
  '7.509': 'authfailure',
};

/** Reply codes that mean one thing wherever they are used; 542 is MessageLabs' for an address that is not registered. */
export const BY_REPLY: Readonly<Record<number, string>> = {
  551: 'hasmoved',
  552: 'mailboxfull',
  542: 'userunknown',
};
