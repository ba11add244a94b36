/**
 * One view for each mail and page. Start-up fills every template with its own, so that a broken template stops the
 * process instead of a send; previews and the golden tests use them too. Titles, authors and votes are real; sentences,
 * links to code, the venue, the citations and the votes of what also trends are ours. As long as there are pages: it is data,
 * and a page's sample is found where the others are.
 */
import type {
  AlreadySubscribedView,
  BibliographyView,
  ConfirmView,
  DigestPreview,
  DigestView,
  LanguageChoice,
  ListedPaper,
  NewAddressView,
  PageBase,
  PageViews,
  PreferenceValues,
  SubscribeValues,
  TopicGroup,
} from './template-views.ts';

const siteUrl = 'https://paperboy.example.org';
const sender = { name: 'The Reading Group', postalAddress: '12 Library Lane, 10115 Berlin, Germany' };
const frequencySentence = 'every day at 08:00, Europe/Berlin';
const topicNames = ['Vision-language-action models', 'World models', 'AI agents'];

const digest: DigestView = {
  language: 'en',
  subject: 'From RLVR to RLSVR, and 4 more papers for you',
  preheader:
    'Self-verifiable rewards for open-ended tasks; touch for robot policies; agents that work for hours',
  editionLabel: 'Tuesday, 4 August 2026',
  frequency: 'daily',
  intro: 'Five papers for you, chosen from 412 that came out or moved since yesterday.',
  papers: [
    {
      id: 41,
      rank: 1,
      group: null,
      title:
        'From RLVR to RLSVR: Task Transformation Induces Self-Verifiable Rewards for Open-Ended LLM Self-Improvement',
      authors: 'Qinsi Wang, Jing Shi, Huazheng Wang +8',
      published: '26 Jul 2026',
      venue: '',
      categories: ['cs.LG', 'cs.CL'],
      summary:
        'Turns open-ended tasks into ones whose answers a model can check by itself, so that reinforcement learning works where no verifier exists. The gains hold on writing and planning, not only on mathematics.',
      reasons: [
        'matches AI agents',
        '58 upvotes in 9 hours',
        'like “OpenVLA: An Open-Source Vision-Language-Action Model”, which you liked',
      ],
      abstractUrl: 'https://arxiv.org/abs/2607.23802',
      pdfUrl: 'https://arxiv.org/pdf/2607.23802',
      codeUrl: 'https://github.com/example/rlsvr',
      moreUrl: `${siteUrl}/more/sample-1`,
      lessUrl: `${siteUrl}/less/sample-1`,
    },
    {
      id: 42,
      rank: 2,
      group: null,
      title: 'N₀-VTLA: Scaling Vision-Tactile-Language-Action Model with Latent Tactile Tokens',
      authors: 'NeoteAI Team, Fudan TEAI Team',
      published: '26 Jul 2026',
      venue: 'NeurIPS 2026',
      categories: ['cs.RO'],
      summary:
        'Adds touch to a robot policy that sees and reads, as a few learned tokens instead of raw sensor frames. Contact-rich tasks such as plugging in a cable profit the most.',
      reasons: ['matches Vision-language-action models', '45 upvotes'],
      abstractUrl: 'https://arxiv.org/abs/2607.23782',
      pdfUrl: 'https://arxiv.org/pdf/2607.23782',
      codeUrl: 'https://github.com/example/vtla',
      moreUrl: `${siteUrl}/more/sample-2`,
      lessUrl: `${siteUrl}/less/sample-2`,
    },
    {
      id: 43,
      rank: 3,
      group: null,
      title: 'LongHorizon-Harness: Advancing Long-Horizon Agents for Real-World Tasks',
      authors: 'Ziyu Ma, Hailang Huang, Shun Zou +5',
      published: '3 Aug 2026',
      venue: '',
      categories: ['cs.AI'],
      summary:
        'A harness that keeps an agent on course through tasks of several hours: it writes down what is settled, checks it against the goal, and goes back when the two part ways.',
      reasons: ['matches AI agents', '93 upvotes, the most of the day'],
      abstractUrl: 'https://arxiv.org/abs/2608.01964',
      pdfUrl: 'https://arxiv.org/pdf/2608.01964',
      codeUrl: null,
    },
    {
      id: 44,
      rank: 4,
      group: null,
      title: 'QQWorld: Quantile-Quantile Matching for World Model Regularization',
      authors: 'Zhoushun Yu, Xiaoyu Hu, Xiangyu Xu',
      published: '30 Jul 2026',
      venue: '',
      categories: ['cs.LG', 'cs.CV'],
      summary:
        'Keeps the latent space of a world model from collapsing by matching its quantiles to those of a normal distribution: one line of loss, no second network.',
      reasons: ['matches World models'],
      abstractUrl: 'https://arxiv.org/abs/2607.28415',
      pdfUrl: null,
      codeUrl: null,
    },
    {
      id: 45,
      rank: 5,
      group: null,
      title: 'Mental World Modeling',
      authors: 'Hao Fei, Yiran Zhao',
      published: '29 Jul 2026',
      venue: '',
      categories: ['cs.AI', 'cs.CL'],
      summary: 'Asks what it would take for a model to represent what others believe, want and intend.',
      reasons: ['matches World models', 'new from an author you follow'],
      abstractUrl: 'https://arxiv.org/abs/2607.27201',
      pdfUrl: 'https://arxiv.org/pdf/2607.27201',
      codeUrl: null,
    },
  ],
  groups: [null],
  alsoTrending: [
    {
      title: 'OpenVLA: An Open-Source Vision-Language-Action Model',
      votes: '31 upvotes in 2 days',
      url: `${siteUrl}/papers/2406.09246`,
    },
    {
      title: 'Diffusion Policy: Visuomotor Policy Learning via Action Diffusion',
      votes: '12 upvotes in 20 hours',
      url: `${siteUrl}/papers/2303.04137`,
    },
  ],
  topics: topicNames,
  links: {
    web: `${siteUrl}/digests/sample`,
    preferences: `${siteUrl}/preferences/sample`,
    pause: `${siteUrl}/pause/sample`,
    unsubscribe: `${siteUrl}/unsubscribe/sample`,
  },
  sender,
  siteUrl,
};

const sampleGroups = ['AI agents', 'Vision-language-action models', 'World models'];
const weeklyDigest: DigestView = {
  ...digest,
  editionLabel: 'Week 32, 2026',
  frequency: 'weekly',
  intro: 'Five papers for you this week, the best of each topic first.',
  papers: digest.papers.map((paper, at) => ({
    ...paper,
    group: sampleGroups[[0, 1, 0, 2, 2][at] ?? 0] ?? null,
  })),
  groups: sampleGroups,
};

const confirm: ConfirmView = {
  language: 'en',
  confirmUrl: `${siteUrl}/confirm/sample.c2FtcGxlLXRva2Vu`,
  topics: topicNames,
  frequencySentence,
  siteUrl,
  sender,
  expiresIn: '7 days',
};

const alreadySubscribed: AlreadySubscribedView = {
  language: 'en',
  preferencesUrl: digest.links.preferences,
  unsubscribeUrl: digest.links.unsubscribe,
  siteUrl,
  sender,
};

const newAddress: NewAddressView = {
  language: 'en',
  addressUrl: `${siteUrl}/address/sample.c2FtcGxlLXRva2Vu`,
  siteUrl,
  sender,
  expiresIn: '7 days',
};

export const sampleMails = { digest, weeklyDigest, confirm, alreadySubscribed, newAddress };

const base: PageBase = { language: 'en', site: { publicUrl: siteUrl, assetVersion: 'sample' } };
const languages: LanguageChoice[] = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
];
const timezones = ['America/New_York', 'Asia/Tokyo', 'Europe/Berlin', 'UTC'];

const bibliography: BibliographyView = {
  name: 'mine.bib',
  counts: '12 papers, 1 entry not understood',
  faults: ['line 3, dune87: it has no title'],
  papers: ['OpenVLA: An Open-Source Vision-Language-Action Model', 'Mental World Modeling'],
  unlisted: 10,
};

const preview: DigestPreview = {
  digest: {
    ...weeklyDigest,
    papers: weeklyDigest.papers.map((paper) => ({ ...paper, moreUrl: null, lessUrl: null })),
  },
  notKnown: ['2401.00001'],
  bibliography,
};

const topicGroups: TopicGroup[] = [
  {
    name: 'Popular',
    topics: [
      {
        slug: 'vision-language-action-models',
        name: 'Vision-language-action models',
        description: 'Robot policies that see, read and act.',
      },
      { slug: 'world-models', name: 'World models', description: 'Models that predict how a scene goes on.' },
      { slug: 'ai-agents', name: 'AI agents', description: 'Models that plan, use tools and finish tasks.' },
    ],
  },
  {
    name: 'Systems and theory',
    topics: [
      { slug: 'cs-db', name: 'Databases (cs.DB)', description: 'Storing, querying and trusting data.' },
    ],
  },
];

const subscribeValues: SubscribeValues = {
  email: '',
  topics: [],
  keywords: '',
  frequency: 'daily',
  weekday: 1,
  hour: 8,
  timezone: 'UTC',
  language: 'en',
  liked: '',
  bib: '',
};
const addressSlips = '{"domains":["gmail.com"],"ends":{"con":"com"}}';

const preferenceValues: PreferenceValues = {
  topics: ['world-models', 'ai-agents'],
  keywords: 'tactile sensing, long context',
  excludedWords: 'survey',
  authors: 'Fei-Fei Li, Sergey Levine',
  frequency: 'daily',
  weekday: 1,
  weekdays: [1, 2, 3, 4, 5],
  hour: 8,
  timezone: 'Europe/Berlin',
  language: 'en',
  paperCount: 7,
  pickiness: 'medium',
};

const figures = [
  { upvotes: 58, comments: 2, githubStars: 138, citations: 12 },
  { upvotes: 45, comments: 1, githubStars: 31, citations: null },
  { upvotes: 93, comments: 2, githubStars: 51, citations: null },
  { upvotes: 23, comments: 1, githubStars: null, citations: null },
  { upvotes: null, comments: null, githubStars: null, citations: null },
];
const listed: ListedPaper[] = digest.papers.map(({ id, rank, reasons, moreUrl, lessUrl, ...paper }, i) => ({
  ...paper,
  ...(figures[i] ?? { upvotes: null, comments: null, githubStars: null, citations: null }),
  why: i === 2 ? 'most upvoted today' : '',
  pageUrl: `/papers/${paper.abstractUrl.split('/').at(-1)}`,
}));

export const samplePages: PageViews = {
  landing: {
    ...base,
    days: [
      { label: 'Today', date: '2026-08-04', papers: listed.slice(0, 3) },
      { label: 'Monday, 3 August', date: '2026-08-03', papers: listed.slice(3) },
    ],
    tabs: [
      { label: 'Latest', url: '/#papers', current: true },
      { label: 'Day', url: '/?day=2026-08-04#papers', current: false },
      { label: 'Week', url: '/?week=2026-W32#papers', current: false },
    ],
    period: null,
    earlier: { label: 'Friday, 31 July 2026', url: '/?day=2026-07-31#papers' },
    later: null,
    topicGroups,
    values: subscribeValues,
    errors: [],
    timezones,
    languages,
    addressSlips,
    share: {
      url: `${siteUrl}/`,
      title: 'Trending papers in your inbox',
      description: 'The few papers worth your morning.',
      kind: 'website',
    },
    feed: { title: 'Trending papers', url: `${siteUrl}/feed` },
  },
  topics: { ...base, topicGroups },
  topic: {
    ...base,
    title: 'World models',
    topic: {
      slug: 'world-models',
      name: 'World models',
      description: 'Models that predict how a scene goes on.',
    },
    group: 'Popular',
    tabs: [
      { label: 'Day', url: '/topics/world-models?period=day', current: false },
      { label: 'Week', url: '/topics/world-models', current: true },
    ],
    papers: listed,
    feed: { title: 'World models', url: `${siteUrl}/topics/world-models/feed` },
  },
  search: {
    ...base,
    q: 'world models',
    found: {
      papers: listed,
      count: 'About 240 papers',
      tabs: [
        { label: 'Best match', url: '/search?q=world+models', current: true },
        { label: 'Newest', url: '/search?q=world+models&sort=newest', current: false },
      ],
      place: 'Page 2 of 12',
      previousUrl: '/search?q=world+models',
      nextUrl: '/search?q=world+models&page=3',
    },
    advice: '',
  },
  paper: {
    ...base,
    paper: {
      title: digest.papers[0]?.title ?? '',
      authors: ['Qinsi Wang', 'Jing Shi', 'Huazheng Wang'],
      abstract: digest.papers[0]?.summary ?? '',
      categories: [{ name: 'cs.LG', title: 'Machine Learning (cs.LG)', url: '/topics/cs-lg' }],
      published: '26 Jul 2026',
      venue: 'NeurIPS 2026',
      withdrawn: false,
      figures: ['58 upvotes in 9 hours', '12 citations'],
      abstractUrl: 'https://arxiv.org/abs/2607.23802',
      source: 'arXiv',
      pdfUrl: 'https://arxiv.org/pdf/2607.23802',
      codeUrl: 'https://github.com/example/rlsvr',
    },
    similar: listed.slice(1, 4),
    seedUrl: '/?liked=2607.23802#subscribe',
    bibtex: '@misc{wang2026rlvr,\n  title = {{From RLVR to RLSVR}},\n}',
  },
  preview: {
    ...base,
    topicGroups,
    values: { ...subscribeValues, bib: 'mine.bib' },
    errors: [],
    timezones,
    languages,
    addressSlips,
    preview,
  },
  checkInbox: {
    ...base,
    expiresIn: '7 days',
    mailboxUrl: null,
    notKnown: ['2401.00001'],
    bibliography,
    slip: {
      typed: { ...subscribeValues, email: 'ada@gmial.com', topics: ['world-models'] },
      meant: 'ada@gmail.com',
    },
  },
  confirm: { ...base, actionUrl: '/confirm/sample', topics: topicNames, frequencySentence },
  confirmed: {
    ...base,
    nextDigest: 'Your first digest comes on Wednesday, 5 August at 08:00 (Europe/Berlin).',
    preferencesUrl: digest.links.preferences,
  },
  linkProblem: { ...base, reason: 'expired' },
  preferences: {
    ...base,
    actionUrl: '/preferences/sample',
    email: 'ada@example.org',
    values: preferenceValues,
    topicGroups,
    errors: [],
    timezones,
    languages,
    saved: 'Your next digest follows these choices.',
    noDigest: null,
    resubscribeUrl: null,
    paused: null,
    pauseUrl: digest.links.pause,
    unsubscribeUrl: digest.links.unsubscribe,
    judged: {
      liked: [{ id: 51, title: 'OpenVLA', abstractUrl: 'https://arxiv.org/abs/2406.09246' }],
      disliked: [{ id: 52, title: 'Mental World Modeling', abstractUrl: 'https://arxiv.org/abs/2607.27201' }],
      unlisted: 3,
    },
    feedbackNotice: {
      sentences: ['1 paper added, 1 not known here yet: 2401.00001.'],
      problem: true,
      undo: '2026-08-04T08:00:00.000Z',
      typed: '2401.00001',
    },
    preview,
    historyUrl: '/preferences/sample/digests',
    feedUrl: `${siteUrl}/digests/feed/sample.xml`,
    account: {
      typed: '',
      problem: null,
      canMove: true,
      asked: { email: 'ada@new.example.org', until: '11 August 2026' },
      eraseAt: 'Wednesday, 5 August 2026 at 08:00 (Europe/Berlin)',
    },
  },
  address: { ...base, actionUrl: '/address/sample', email: 'ada@new.example.org' },
  addressChanged: {
    ...base,
    title: 'Your digest comes here now',
    email: 'ada@new.example.org',
    nextDigest: 'Your next digest comes on Wednesday, 5 August 2026 at 08:00 (Europe/Berlin).',
    preferencesUrl: digest.links.preferences,
  },
  erase: {
    ...base,
    actionUrl: '/preferences/sample/erase',
    email: 'ada@example.org',
    eraseAt: null,
    undone: null,
    preferencesUrl: digest.links.preferences,
  },
  pause: {
    ...base,
    actionUrl: '/pause/sample',
    noDigest: null,
    resubscribeUrl: null,
    paused: null,
    nextDigest: 'Your next digest comes on Wednesday, 5 August 2026 at 08:00 (Europe/Berlin).',
    done: 'From now on your digest comes every Monday at 08:00, Europe/Berlin.',
    formerDays: [1, 2, 3, 4, 5],
    weekly: 'every Monday at 08:00, Europe/Berlin',
    dates: { first: '2026-08-05', last: '2027-08-04' },
    values: { date: '2026-08-01' },
    errors: [{ field: 'date', message: 'Choose a date from 5 August 2026 to 4 August 2027.' }],
    preferencesUrl: digest.links.preferences,
  },
  unsubscribe: {
    ...base,
    actionUrl: '/unsubscribe/sample',
    email: 'ada@example.org',
    pauseUrl: digest.links.pause,
  },
  unsubscribed: {
    ...base,
    actionUrl: '/unsubscribe/sample',
    canReturn: true,
    instead: [
      { value: 'weekly', label: 'Once a week, every Monday' },
      { value: 'month', label: 'A month’s pause' },
    ],
    asksReason: true,
    reason: 'too_many',
    thanked: true,
    errors: [{ field: 'reason', message: 'Choose one of these first.' }],
  },
  history: {
    ...base,
    digests: [{ date: digest.editionLabel, subject: digest.subject, papers: 5, url: digest.links.web }],
    place: 'Page 2 of 3',
    newerUrl: '/preferences/sample/digests',
    olderUrl: '/preferences/sample/digests?page=3',
    preferencesUrl: digest.links.preferences,
  },
  digest: {
    ...base,
    token: 'sample',
    digest: {
      ...digest,
      papers: digest.papers.map((paper, i) => ({ ...paper, standing: i === 1 ? 'liked' : null })),
    },
  },
  feedback: {
    ...base,
    title: 'More like this',
    paper: {
      title: 'OpenVLA: An Open-Source Vision-Language-Action Model',
      authors: 'Moo Jin Kim, Karl Pertsch, Siddharth Karamcheti +15',
      abstractUrl: 'https://arxiv.org/abs/2406.09246',
    },
    asked: 'more',
    standing: null,
    justNow: false,
    active: true,
    actionUrl: '/more/sample',
    preferencesUrl: digest.links.preferences,
  },
  mailbox: {
    ...base,
    mails: [
      {
        from: 'Paperboy <digest@example.org>',
        to: 'ada@example.org',
        subject: 'Confirm your subscription to Paperboy',
        received: '2026-08-04 08:00 UTC',
        url: '/mailbox/sample',
      },
    ],
  },
  mailboxMail: {
    ...base,
    mail: {
      from: 'Paperboy <digest@example.org>',
      to: 'ada@example.org',
      subject: 'Confirm your subscription to Paperboy',
      received: '2026-08-04 08:00 UTC',
      text: 'Hello Ada,\none more step.',
    },
    htmlUrl: '/mailbox/sample/html',
    sourceUrl: '/mailbox/sample/source',
  },
  error: {
    ...base,
    status: 404,
    heading: 'No such page',
    message: 'There is nothing at this address.',
    whatToDo: 'Look at today’s papers, or check the link for a missing piece.',
  },
};
