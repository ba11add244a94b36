/** What mail programs are known not to show of what our mails use, each with the reason why nothing a reader needs depends on it. */

const GMAIL_OF_ANOTHER = 'Gmail on the web of a phone drops style sheets: all that matters stands inline';
const EXTRA =
  'only colours for dark screens and an underline; without it the inline colours stay, light on both';
const OUTLOOK_MOBILE_RESET = 'resets of other programs’ habits, of no effect where they are not read';

/** By the title of the feature in caniemail’s data. Whatever is not here and not supported fails the test. */
export const accepted: Record<string, string> = {
  '<style> element': GMAIL_OF_ANOTHER,
  'Class selector': GMAIL_OF_ANOTHER,
  'ID selector': OUTLOOK_MOBILE_RESET,
  'Type selector': OUTLOOK_MOBILE_RESET,
  'Descendant combinator': EXTRA,
  'Chaining selectors': EXTRA,
  'Attribute selector': EXTRA,
  '@media': EXTRA,
  ':hover': EXTRA,
  'display:none': 'hides the preheader; that Gmail shows one line of papers more at the top',
  overflow: 'second means of hiding the preheader, beside display:none',
  'height property': 'on spacing elements that mail programs size by their content',
  'word-break': 'breaks words longer than a phone is wide; without it the reader scrolls',
  'word-spacing': 'its default, written out',
  outline: OUTLOOK_MOBILE_RESET,
  '<body> element': 'replaced by a div, which carries the background too',
  'aria-label attribute': 'names the whole mail, as its subject does',
  'role attribute': 'tables are then announced as tables; their order is the order of reading',
  'border-radius': 'a button with corners is a button',
  cursor: 'on a button whose link brings its own pointer',
  transform: 'caniemail takes text-transform:none for it',
  'target attribute': 'mail programs open links in a window of their own',
};
