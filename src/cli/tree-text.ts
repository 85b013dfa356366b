/** The supervision tree as lines of text: one row a child, indented, with what a person asks of it. Pure. */
import type { TreeRow } from '../shared/device-contract.ts';
import { table } from './output.ts';

/** `rows`: parents before children. */
export function treeText(rows: readonly TreeRow[]): string {
  return table(
    ['CHILD', 'STATE', 'RESTARTS', 'NEXT', 'LAST CAUSE'],
    rows.map((row) => {
      const ids = row.path.split('/');
      return [
        `${'  '.repeat(ids.length - 1)}${ids.at(-1) ?? ''}`,
        row.takenOut ? 'taken out' : row.state,
        row.restarts === 0 ? '' : `${row.restarts} (${row.restartsInWindow} lately)`,
        row.nextAttemptMs === null ? '' : `in ${(row.nextAttemptMs / 1000).toFixed(1)} s`,
        row.lastCause ?? '',
      ];
    }),
  );
}
