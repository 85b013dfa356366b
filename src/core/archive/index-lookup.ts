/** From a channel index, which a device chose, to a small number: fast for the usual dense ones, safe for any. */

const DENSE = 1 << 20;

/** A function that answers the value of an index, or -1. */
export function indexLookup(
  entries: Iterable<readonly [index: number, value: number]>,
): (index: number) => number {
  const map = new Map(entries);
  let top = -1;
  for (const index of map.keys()) top = Math.max(top, index);
  if (top >= DENSE) return (index) => map.get(index) ?? -1;
  const table = new Int32Array(top + 1).fill(-1);
  for (const [index, value] of map) table[index] = value;
  return (index) => (index < table.length ? table[index]! : -1);
}
