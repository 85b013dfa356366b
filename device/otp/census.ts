/** What a supervisor can tell about its children without asking them: rows, counts, and who sits where. */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import type { Child } from './child.ts';
import type { Entry, Tally } from './entry.ts';
import { prune, type RestartWindow } from './restart-window.ts';
import type { ChildCounts } from './supervisor.ts';

/** Counts entries; dynamic children share one spec. */
export function countEntries(entries: Iterable<Entry>, dynamic: boolean): ChildCounts {
  const counts: ChildCounts = { specs: 0, active: 0, supervisors: 0, workers: 0 };
  for (const { child, spec } of entries) {
    counts.specs++;
    if (child) counts.active++;
    if (spec.type === 'supervisor') counts.supervisors++;
    else counts.workers++;
  }
  if (dynamic) counts.specs = 1;
  return counts;
}

/** The child now running at a path of ids below; null when there is none. */
export function findBelow(entries: ReadonlyMap<string, Entry>, path: string): Child | null {
  const slash = path.indexOf('/');
  const child = entries.get(slash === -1 ? path : path.slice(0, slash))?.child ?? null;
  return slash === -1 ? child : (child?.find?.(path.slice(slash + 1)) ?? null);
}

/** Rows of a supervisor and of all below it, parents before children, siblings in start order. */
export function rowsOf(
  path: string,
  state: TreeRow['state'],
  entries: Iterable<Entry>,
  now: number,
  periodMs: number,
): TreeRow[] {
  const rows: TreeRow[] = [
    {
      path,
      kind: 'supervisor',
      state,
      restarts: 0,
      restartsInWindow: 0,
      nextAttemptMs: null,
      lastCause: null,
    },
  ];
  const counted = new Map<Tally, Map<string, number>>();
  for (const entry of entries) {
    let restartsInWindow = 0;
    if (entry.tally.window.length > 0) {
      let counts = counted.get(entry.tally);
      if (!counts) counted.set(entry.tally, (counts = countById(prune(entry.tally.window, now, periodMs))));
      restartsInWindow = counts.get(entry.id) ?? 0;
    }
    rows.push(rowOf(path, entry, restartsInWindow, now));
    // The child's own first row is about itself: what its supervisor knows stands above.
    const below = entry.child?.rows?.() ?? [];
    for (let i = 1; i < below.length; i++) rows.push(below[i] as TreeRow);
  }
  return rows;
}

/** The same object as before where it says the same. */
function rowOf(path: string, entry: Entry, restartsInWindow: number, now: number): TreeRow {
  const { row, spec, state, restarts, nextAttemptAt, lastCause } = entry;
  const holds =
    row !== null &&
    row.kind === spec.type &&
    row.state === state &&
    row.restarts === restarts &&
    row.restartsInWindow === restartsInWindow &&
    row.nextAttemptMs === null &&
    nextAttemptAt === null &&
    row.lastCause === lastCause;
  if (holds) return row;
  entry.row = {
    path: `${path}/${entry.id}`,
    kind: spec.type,
    state,
    restarts,
    restartsInWindow,
    nextAttemptMs: nextAttemptAt === null ? null : Math.max(0, nextAttemptAt - now),
    lastCause,
  };
  return entry.row;
}

function countById(window: RestartWindow): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { by } of window) counts.set(by, (counts.get(by) ?? 0) + 1);
  return counts;
}
