/** What a drawn line says at one moment. Pure. */
import { lowerBound, type Columns } from './columns.ts';

/** Row of the value nearest to `at` and at most `reach` ms away; -1 where the line is broken or does not reach. */
export function readingAt(view: Columns, at: number, reach: number): number {
  const after = lowerBound(view.t, at, view.start, view.end);
  const distance = (row: number) =>
    row >= view.start && row < view.end ? Math.abs((view.t[row] as number) - at) : Infinity;
  const nearest = distance(after - 1) <= distance(after) ? after - 1 : after;
  return distance(nearest) <= reach && !Number.isNaN(view.lo[nearest]) ? nearest : -1;
}
