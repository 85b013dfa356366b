import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, diffText } from '../../src/shared/line-diff.ts';

describe('a diff by lines', () => {
  it('shows what changed with what stands around it', () => {
    const before = 'version: 1\na\nb\nc\nd\ne\nf\ng\n';
    const after = 'version: 1\na\nb\nc\nd\ne\nF\ng\nh\n';
    expect(diffText(diffLines(before, after), 1)).toBe('…\n  e\n- f\n+ F\n  g\n+ h');
    expect(diffText(diffLines(before, before))).toBeNull();
  });

  it('shows a middle too long to compare as replaced', () => {
    const many = (letter: string) => Array.from({ length: 2100 }, (_, i) => `${letter}${i}`).join('\n');
    const lines = diffLines(`same\n${many('a')}`, `same\n${many('b')}`);
    expect(lines[0]).toEqual({ kind: 'same', text: 'same' });
    expect(lines.filter(({ kind }) => kind === 'gone')).toHaveLength(2100);
    expect(lines.filter(({ kind }) => kind === 'new')).toHaveLength(2100);
  });

  it('holds both texts whole, and keeps as many lines as both have in common', () => {
    const text = array(constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });
    assert(
      property(text, text, (a, b) => {
        const lines = diffLines(`${a.join('\n')}\n`, `${b.join('\n')}\n`);
        const side = (other: 'gone' | 'new') =>
          lines.filter(({ kind }) => kind !== other).map((line) => line.text);
        expect(side('new')).toEqual(a);
        expect(side('gone')).toEqual(b);
        const same = lines.filter(({ kind }) => kind === 'same').length;
        expect(same).toBe(longestCommon(a, b));
      }),
    );
  });
});

/** The plainest way there is. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const row = Array.from({ length: b.length + 1 }, () => 0);
  for (const left of a) {
    let corner = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      row[j] = left === b[j - 1] ? corner + 1 : Math.max(above, row[j - 1] ?? 0);
      corner = above;
    }
  }
  return row.at(-1) ?? 0;
}
