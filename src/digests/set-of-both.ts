/** Two sets as one without copying either: an edition has thousands of papers that all its readers share. Pure. */

/** `size` counts what is in both twice. */
export function setOfBoth<T>(shared: ReadonlySet<T>, own: ReadonlySet<T>): ReadonlySet<T> {
  const all = () => new Set([...shared, ...own]);
  return {
    has: (value) => own.has(value) || shared.has(value),
    size: shared.size + own.size,
    forEach: (visit) => all().forEach(visit),
    keys: () => all().keys(),
    values: () => all().values(),
    entries: () => all().entries(),
    [Symbol.iterator]: () => all().values(),
  };
}
