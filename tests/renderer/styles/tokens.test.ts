/** The colours of tokens.css, computed: contrast (WCAG 2.2, 1.4.3) and distance as colour-blind eyes see them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Rgb = [number, number, number];
const css = readFileSync(new URL('../../../renderer/styles/tokens.css', import.meta.url), 'utf8');

function tokens(theme: string): (name: string) => Rgb {
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const found = new Map(
    [...block.matchAll(/--([\w-]+): #(\w{6});/g)].map((match) => [match[1], match[2] ?? '']),
  );
  return (name) => {
    const hex = found.get(name);
    if (!hex) throw new Error(`${theme} has no --${name}`);
    return [0, 2, 4].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as Rgb;
  };
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

type Matrix = [Rgb, Rgb, Rgb];
const apply = (matrix: Matrix, v: Rgb) =>
  matrix.map((row) => Math.min(1, Math.max(0, row[0] * v[0] + row[1] * v[1] + row[2] * v[2]))) as Rgb;

// Machado, Oliveira, Fernandes 2009, severity 1.0.
const EYES: Record<string, Matrix> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

// Ottosson 2020, OKLab from linear sRGB.
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const SERIES = Array.from({ length: 8 }, (_, i) => `series-${i + 1}`);

describe.each(['light', 'dark', 'sunlight'])('the colours of %s', (theme) => {
  const token = tokens(theme);
  /** Those of `names` whose contrast with `ground` is below `least`, with the figure. */
  const below = (least: number, ground: string, names: string[]) =>
    names
      .map((name) => ({ name, ground, contrast: contrast(token(name), token(ground)) }))
      .filter((pair) => pair.contrast < least);

  it.each(['surface', 'surface-2'])('give values 7:1 and the rest 4.5:1 on %s', (ground) => {
    expect(below(7, ground, ['ink', 'ink-2'])).toEqual([]);
    expect(below(4.5, ground, ['ink-3', 'accent', 'good', 'attention', 'bad', 'unknown'])).toEqual([]);
  });

  it('hold where a ground says something too: hovered, chosen, pressed, in trouble', () => {
    expect(below(4.5, 'surface-3', ['ink', 'ink-2', 'ink-3'])).toEqual([]);
    expect(below(4.5, 'accent-soft', ['ink', 'ink-2', 'ink-3'])).toEqual([]);
    expect(below(4.5, 'accent', ['on-accent'])).toEqual([]);
    expect(below(4.5, 'accent-strong', ['on-accent'])).toEqual([]);
    for (const tone of ['good', 'attention', 'bad'])
      expect(below(4.5, `${tone}-soft`, ['ink', tone])).toEqual([]);
  });

  it('let borders of fields and the focus ring be seen (3:1)', () => {
    expect(below(3, 'surface', ['border', 'focus'])).toEqual([]);
  });

  it('let every series be seen on the ground (3:1, in the sun 4.5:1)', () => {
    expect(below(theme === 'sunlight' ? 4.5 : 3, 'surface', SERIES)).toEqual([]);
  });

  it.each(Object.entries(EYES))('keep the eight series apart for %s eyes', (_eye, matrix) => {
    const seen = SERIES.map((name) => ({ name, lab: oklab(apply(matrix, token(name))) }));
    const close = seen.flatMap((a, i) =>
      seen.slice(i + 1).flatMap((b) => (distance(a.lab, b.lab) < 0.1 ? [`${a.name} and ${b.name}`] : [])),
    );
    expect(close).toEqual([]);
  });
});
