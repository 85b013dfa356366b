/** What a person can do to a row of the tree, and the words for it. Pure. */
import type { TreeRow } from '../../../src/shared/device-contract.ts';

export type Deed = 'restart' | 'take-out' | 'put-back';

/** What is asked before a deed, and the button that does it. */
export interface Question {
  title: string;
  text: string;
  button: string;
}

/** Id of a row among its siblings. */
export function nameOf({ path }: TreeRow): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Deeds that make sense for a row. The root and control carry the connection itself: the device refuses them. */
export function deedsOf(row: TreeRow): Deed[] {
  if (row.takenOut) return ['put-back'];
  const depth = row.path.split('/').length;
  if (depth === 1 || (depth === 2 && nameOf(row) === 'control')) return [];
  return row.sensor === undefined ? ['restart'] : ['restart', 'take-out'];
}

export const DEED_WORDS: Record<Deed, string> = {
  restart: 'Restart this branch…',
  'take-out': 'Take this sensor out…',
  'put-back': 'Put it back…',
};

/** `below`: how many children hang below the row. */
export function questionOf(deed: Deed, row: TreeRow, below: number): Question {
  const name = nameOf(row);
  switch (deed) {
    case 'restart':
      return {
        title: `Restart ${name}${below === 0 ? '' : below === 1 ? ' and the child below it' : ` and the ${below} children below it`}?`,
        text: 'It stops and starts again at once. Readings of these moments are missing; what was recorded stays.',
        button: `Restart ${name}`,
      };
    case 'take-out':
      return {
        title: `Take ${name} out?`,
        text: 'It is not asked any more, not after a restart of the device either, until you put it back. What it measured stays.',
        button: `Take ${name} out`,
      };
    case 'put-back':
      return {
        title: `Put ${name} back?`,
        text: 'It is asked again from now on.',
        button: `Put ${name} back`,
      };
  }
}

/** Children below a row, however deep. */
export function countBelow(rows: readonly TreeRow[], { path }: TreeRow): number {
  return rows.filter((row) => row.path.startsWith(`${path}/`)).length;
}

/** A cause chain as one sentence: its first link, without the engineers' code. */
export function causeSentence(cause: string): string {
  const [first = ''] = cause.split(', because ', 1);
  const words = first.replace(/^[A-Z][A-Z_]+: /, '');
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
