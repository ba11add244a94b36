/** What a page says of a file of papers: how many were understood, which, and why the others were not. */
import type { Translate } from '../messages.ts';
import type { TakenBibliography } from '../papers/bibliography.ts';
import type { BibliographyView } from '../template-views.ts';

/**
 * What is taken of a file before anyone has confirmed: papers that nobody knew are kept, and a stranger shall not fill the
 * database. The preference page takes all that a profile holds.
 */
export const MAX_FROM_STRANGERS = 500;
/** Of papers, and of faults. */
const LISTED = 50;

export function viewBibliography(
  name: string,
  { titles, skipped, leftOut }: Pick<TakenBibliography, 'titles' | 'skipped' | 'leftOut'>,
  t: Translate,
): BibliographyView {
  const counts = [
    t('count.papers', { n: titles.length }),
    ...(skipped.length > 0 ? [t('bibliography.skipped', { n: skipped.length })] : []),
    ...(leftOut > 0 ? [t('bibliography.leftOut', { n: leftOut })] : []),
  ];
  const [faults, papers] = [skipped.slice(0, LISTED), titles.slice(0, LISTED)];
  return {
    name,
    counts: titles.length + skipped.length === 0 ? t('bibliography.empty') : counts.join(', '),
    faults,
    papers,
    unlisted: titles.length + skipped.length - faults.length - papers.length,
  };
}
