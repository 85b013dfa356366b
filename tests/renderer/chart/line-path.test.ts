import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineBands, strokeLines, type Pen } from '../../../renderer/chart/line-path.ts';
import { columnsOf, type Row } from '../series/columns-of.ts';

const AT = { t0: 0, x0: 0, xPerMs: 1, y0: 0, yPerUnit: 1 };
const NO = Number.NaN;

/** Writes down every stroke as `x,y>x,y`. */
class Recorder implements Pen {
  strokes: string[] = [];
  shapes = 0;
  #at = '';

  moveTo(x: number, y: number): void {
    this.shapes++;
    this.#at = `${x},${y}`;
  }

  lineTo(x: number, y: number): void {
    this.strokes.push(`${this.#at}>${x},${y}`);
    this.#at = `${x},${y}`;
  }
}

function strokes(rows: Row[], doubt: boolean): string[] {
  const pen = new Recorder();
  strokeLines(columnsOf(rows), AT, doubt, pen);
  return pen.strokes;
}

const anyRows = fc
  .array(
    fc.record({
      value: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: -9, max: 9 }) },
        { weight: 1, arbitrary: fc.constant(NO) },
      ),
      height: fc.integer({ min: 0, max: 3 }),
      quality: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 60 },
  )
  .map((rows) => rows.map(({ value, height, quality }, t): Row => [t, value, value + height, quality]));

describe('strokeLines', () => {
  it('draws each stretch of the upper edge once, either whole or dashed, and none across a break', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const flat = rows.map(([t, , hi, q]): Row => [t, hi, hi, q]);
        const expected = flat.flatMap((row, i) => {
          const before = flat[i - 1];
          if (before && !Number.isNaN(before[2]) && !Number.isNaN(row[2]))
            return [`${before[0]},${before[2]}>${row[0]},${row[2]}`];
          const next = flat[i + 1];
          const alone = !Number.isNaN(row[2]) && (!next || Number.isNaN(next[2]));
          return alone ? [`${row[0] - 0.5},${row[2]}>${row[0] + 0.5},${row[2]}`] : [];
        });
        expect([...strokes(flat, false), ...strokes(flat, true)].toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  it('draws a stretch dashed when either end is suspect or stale, not when readings were missing among good ones', () => {
    const rows: Row[] = [
      [0, 1, 1, 0],
      [1, 1, 1, 2],
      [2, 1, 1, 0],
      [3, 1, 1, 3],
      [4, 1, 1, 0],
    ];
    expect(strokes(rows, true)).toEqual(['0,1>1,1', '1,1>2,1']);
    expect(strokes(rows, false)).toEqual(['2,1>3,1', '3,1>4,1']);
  });

  it('draws both edges of a bucket, so that one reading that stands out is seen', () => {
    const rows: Row[] = [
      [0, 1, 1, 0],
      [1, 1, 9, 0],
      [2, 1, 1, 0],
    ];
    expect(strokes(rows, false)).toEqual(['0,1>1,9', '1,9>2,1', '0,1>1,1', '1,1>2,1']);
  });
});

describe('a row alone between breaks', () => {
  it('is a dot, and an upright when it is a bucket', () => {
    expect(
      strokes(
        [
          [0, 1, 1, 0],
          [1, NO, NO, 0],
          [2, 1, 4, 0],
          [3, NO, NO, 0],
          [4, 2, 2, 2],
        ],
        false,
      ),
    ).toEqual(['-0.5,1>0.5,1', '2,4>2,1']);
  });
});

describe('outlineBands', () => {
  it('closes one shape for every unbroken stretch that has a height', () => {
    const pen = new Recorder();
    outlineBands(
      columnsOf([
        [0, 1, 1, 0],
        [1, 1, 1, 0],
        [2, NO, NO, 0],
        [3, 1, 2, 0],
        [4, 0, 2, 0],
        [5, NO, NO, 0],
        [6, 1, 2, 0],
      ]),
      AT,
      pen,
    );
    expect(pen.shapes).toBe(2);
    expect(pen.strokes).toEqual(['3,2>4,2', '4,2>4,0', '4,0>3,1', '6,2>6,1']);
  });
});
