/** The greatest of many numbers without sorting them all. */

/** The nth largest of the values, n from 1; the smallest where there are fewer, 0 where there are none. */
export function nthLargest(values: readonly number[] | Float64Array, n: number): number {
  const list = new Float64Array(values);
  const wanted = Math.max(0, list.length - n);
  let low = 0;
  let high = list.length - 1;
  // Hoare's selection: each round splits what is left at its middle value and keeps the side that holds the place.
  while (low < high) {
    const pivot = list[(low + high) >> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((list[left] ?? 0) < pivot) left += 1;
      while ((list[right] ?? 0) > pivot) right -= 1;
      if (left > right) break;
      const value = list[left] ?? 0;
      list[left] = list[right] ?? 0;
      list[right] = value;
      left += 1;
      right -= 1;
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return list[wanted] ?? 0;
}
