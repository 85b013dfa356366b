/** Two people's changes of one text. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeLines } from '../../src/shared/line-merge.ts';

const BASE = 'a\nb\nc\nd\ne\n';

describe('changes of two people', () => {
  it('come together where they do not touch', () => {
    expect(mergeLines(BASE, 'a\nB\nc\nd\ne\n', 'a\nb\nc\nd\ne\nf\n')).toEqual({
      text: 'a\nB\nc\nd\ne\nf\n',
      lost: [],
    });
  });

  it('are mine where both changed the same lines, and theirs are told', () => {
    expect(mergeLines(BASE, 'a\nb\nM\nd\ne\n', 'a\nb\nT\nd\ne\n')).toEqual({
      text: 'a\nb\nM\nd\ne\n',
      lost: [['T']],
    });
  });

  it('are one change where both made the same', () => {
    expect(mergeLines(BASE, 'a\nc\nd\ne\n', 'a\nc\nd\ne\n')).toEqual({ text: 'a\nc\nd\ne\n', lost: [] });
  });

  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));

  it('property: with nothing on one side, the other side stands', () => {
    fc.assert(
      fc.property(text, text, (base, changed) => {
        expect(mergeLines(base, changed, base)).toEqual({ text: changed, lost: [] });
        expect(mergeLines(base, base, changed)).toEqual({ text: changed, lost: [] });
        expect(mergeLines(base, changed, changed)).toEqual({ text: changed, lost: [] });
      }),
    );
  });
});
