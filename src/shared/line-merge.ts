/** Two people's changes of one text brought together, line by line. Pure. */
import { diffLines } from './line-diff.ts';

export interface Merged {
  text: string;
  /** Stretches that both changed, each in a way of its own: mine stand in the text, these are theirs. */
  lost: string[][];
}

/** What stands in the lines of the base from `from` up to `to` is `lines` now. */
interface Hunk {
  from: number;
  to: number;
  lines: string[];
}

/** Carries what `mine` changed of `base` over into `theirs`. */
export function mergeLines(base: string, mine: string, theirs: string): Merged {
  const own = hunksOf(base, mine);
  const others = hunksOf(base, theirs);
  const baseLines = base.split('\n');
  if (baseLines.at(-1) === '') baseLines.pop();
  const out: string[] = [];
  const lost: string[][] = [];
  let at = 0;
  while (own.length > 0 || others.length > 0) {
    let from = Math.min(own[0]?.from ?? Infinity, others[0]?.from ?? Infinity);
    let to = from;
    const mineHere: Hunk[] = [];
    const theirsHere: Hunk[] = [];
    // two stretches that touch are one: nobody could tell which comes first
    for (;;) {
      const list = [own, others].find(([next]) => next && next.from <= to);
      const hunk = list?.shift();
      if (!hunk) break;
      (list === own ? mineHere : theirsHere).push(hunk);
      to = Math.max(to, hunk.to);
      from = Math.min(from, hunk.from);
    }
    out.push(...baseLines.slice(at, from));
    const stretch = (hunks: Hunk[]) => patched(baseLines, from, to, hunks);
    const chosen = mineHere.length > 0 ? mineHere : theirsHere;
    out.push(...stretch(chosen));
    const other = stretch(theirsHere);
    if (mineHere.length > 0 && theirsHere.length > 0 && other.join('\n') !== stretch(mineHere).join('\n'))
      lost.push(other);
    at = to;
  }
  out.push(...baseLines.slice(at));
  return { text: out.map((line) => `${line}\n`).join(''), lost };
}

function patched(base: readonly string[], from: number, to: number, hunks: readonly Hunk[]): string[] {
  const out: string[] = [];
  let at = from;
  for (const hunk of hunks) {
    out.push(...base.slice(at, hunk.from), ...hunk.lines);
    at = hunk.to;
  }
  return [...out, ...base.slice(at, to)];
}

function hunksOf(base: string, text: string): Hunk[] {
  const hunks: Hunk[] = [];
  let at = 0;
  let open: Hunk | null = null;
  for (const { kind, text: line } of diffLines(base, text)) {
    if (kind === 'same') {
      at++;
      open = null;
      continue;
    }
    if (!open) hunks.push((open = { from: at, to: at, lines: [] }));
    if (kind === 'gone') open.to = ++at;
    else open.lines.push(line);
  }
  return hunks;
}
