/**
 * How columns become lines. Pure: coordinates in, strokes out. A bucket is drawn by its upper and its lower edge with
 * the band between them, so one reading that stands out is a line of full strength, and noise is a ribbon.
 */
import type { Columns } from '../series/columns.ts';

/** The part of Path2D that is needed. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** From epoch ms and value to canvas pixels: `x = x0 + t * xPerMs`, `y = y0 + value * yPerUnit`. */
export interface Projection {
  t0: number;
  x0: number;
  xPerMs: number;
  y0: number;
  yPerUnit: number;
}

const [STALE, SUSPECT] = [1, 2];

function doubtful(q: number): boolean {
  return q === STALE || q === SUSPECT;
}

/** True when some of the rows cannot be believed: there is something to dash. */
export function hasDoubt({ lo, q, start, end }: Columns): boolean {
  for (let i = start; i < end; i++) if (doubtful(q[i] as number) && !Number.isNaN(lo[i])) return true;
  return false;
}

/**
 * Strokes the edges of the rows that can be believed, or of those that cannot (`doubt`). A stretch between two rows
 * is doubtful when either is. Breaks end the line; a reading alone between them is a dot, a bucket an upright.
 */
export function strokeLines(view: Columns, at: Projection, doubt: boolean, pen: Pen): void {
  strokeEdge(view, view.hi, null, at, doubt, pen);
  strokeEdge(view, view.lo, view.hi, at, doubt, pen);
  strokeLoners(view, at, doubt, pen);
}

/** One edge. With `other`, only where the two edges differ. */
function strokeEdge(
  view: Columns,
  edge: Float64Array,
  other: Float64Array | null,
  at: Projection,
  doubt: boolean,
  pen: Pen,
): void {
  const { t, q, start, end } = view;
  let down = false;
  for (let i = start; i < end; i++) {
    const value = edge[i] as number;
    if (Number.isNaN(value)) {
      down = false;
      continue;
    }
    const x = at.x0 + ((t[i] as number) - at.t0) * at.xPerMs;
    const y = at.y0 + value * at.yPerUnit;
    const before = i > start ? (edge[i - 1] as number) : Number.NaN;
    const joined = !Number.isNaN(before);
    const drawn =
      joined &&
      (doubtful(q[i] as number) || doubtful(q[i - 1] as number)) === doubt &&
      (other === null || value !== other[i] || before !== other[i - 1]);
    if (drawn) {
      if (!down) pen.moveTo(at.x0 + ((t[i - 1] as number) - at.t0) * at.xPerMs, at.y0 + before * at.yPerUnit);
      pen.lineTo(x, y);
    }
    down = drawn;
  }
}

function strokeLoners({ t, lo, hi, q, start, end }: Columns, at: Projection, doubt: boolean, pen: Pen): void {
  for (let i = start; i < end; i++) {
    if (Number.isNaN(hi[i]) || doubtful(q[i] as number) !== doubt) continue;
    if ((i > start && !Number.isNaN(hi[i - 1])) || (i + 1 < end && !Number.isNaN(hi[i + 1]))) continue;
    const x = at.x0 + ((t[i] as number) - at.t0) * at.xPerMs;
    const top = at.y0 + (hi[i] as number) * at.yPerUnit;
    const bottom = at.y0 + (lo[i] as number) * at.yPerUnit;
    const half = top === bottom ? 0.5 : 0;
    pen.moveTo(x - half, top);
    pen.lineTo(x + half, bottom);
  }
}

/** Outlines the bands between the edges, one closed shape for every unbroken stretch that has any height. */
export function outlineBands(view: Columns, at: Projection, pen: Pen): void {
  let from = view.start;
  while (from < view.end) {
    let to = from;
    let tall = false;
    while (to < view.end && !Number.isNaN(view.hi[to])) {
      tall ||= view.hi[to] !== view.lo[to];
      to++;
    }
    if (tall) outlineBand(view, from, to, at, pen);
    from = to + 1;
  }
}

function outlineBand({ t, lo, hi }: Columns, from: number, to: number, at: Projection, pen: Pen): void {
  for (let i = from; i < to; i++) {
    const x = at.x0 + ((t[i] as number) - at.t0) * at.xPerMs;
    const y = at.y0 + (hi[i] as number) * at.yPerUnit;
    if (i === from) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  }
  for (let i = to - 1; i >= from; i--)
    pen.lineTo(at.x0 + ((t[i] as number) - at.t0) * at.xPerMs, at.y0 + (lo[i] as number) * at.yPerUnit);
}
