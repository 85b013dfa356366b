/** What changed between two texts, line by line, for people to look at before they agree. */

export interface DiffLine {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

/** Beyond so many pairs of lines what differs is shown as replaced as a whole: 16 MB and a moment. */
const MOST_PAIRS = 4_000_000;

/** The lines of both, with the fewest that change; where both would do, what is gone comes first. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

/** The changed lines as `diff -u` marks them, each with up to `context` unchanged ones around; null: no change. */
export function diffText(lines: readonly DiffLine[], context = 3): string | null {
  const changed = lines.flatMap(({ kind }, i) => (kind === 'same' ? [] : [i]));
  if (changed.length === 0) return null;
  const shown = new Set<number>();
  for (const i of changed) for (let at = i - context; at <= i + context; at++) shown.add(at);
  const marks = { same: ' ', gone: '-', new: '+' };
  const out: string[] = [];
  let last = -1;
  for (const [i, { kind, text }] of lines.entries()) {
    if (!shown.has(i)) continue;
    if (i > last + 1) out.push('…');
    out.push(`${marks[kind]} ${text}`);
    last = i;
  }
  return out.join('\n');
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** By the longest common subsequence, from the end. */
function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const gone = (text: string): DiffLine => ({ kind: 'gone', text });
  const fresh = (text: string): DiffLine => ({ kind: 'new', text });
  if (a.length * b.length > MOST_PAIRS) return [...a.map(gone), ...b.map(fresh)];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      out.push({ kind: 'same', text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      out.push(gone(left));
      i++;
    } else if (right !== undefined) {
      out.push(fresh(right));
      j++;
    }
  }
  return out;
}
