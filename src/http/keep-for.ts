/** Keeps the answer of a slow question for a while. */

/** Asks again once `ms` have passed since the last good answer; requests in between share one question. */
export function keepFor<T>(ms: number, now: () => Date, ask: () => Promise<T>): () => Promise<T> {
  let kept: { at: number; answer: Promise<T> } | undefined;
  return () => {
    const at = now().getTime();
    if (!kept || at - kept.at > ms) {
      const asked = { at, answer: ask() };
      asked.answer.catch(() => {
        if (kept === asked) kept = undefined;
      });
      kept = asked;
    }
    return kept.answer;
  };
}
