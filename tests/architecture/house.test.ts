/** The shape of the house: sizes, names, no barrels, chip names at home, versions and documents that agree. */
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/shared/version.ts';
import { ROOT, sources } from './sources.ts';

const all = sources('src', 'device', 'renderer');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the house', () => {
  it('has files of at most 400 lines, half of them of at most 120', () => {
    const sizes = all.map((source) => ({ path: source.path, lines: source.text.split('\n').length - 1 }));
    expect(sizes.filter(({ lines }) => lines > 400)).toEqual([]);
    const median = sizes.map(({ lines }) => lines).toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)];
    expect(median).toBeLessThanOrEqual(120);
  });

  it('has no room for odds and ends, and no barrels', () => {
    const odd = all.filter(({ path }) => /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\/|\.)/.test(path));
    const barrels = all.filter(({ path }) => /(?:^|\/)index\.tsx?$/.test(path));
    expect([...odd, ...barrels].map(({ path }) => path)).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const bad = all.filter(({ path }) => !/^[a-z0-9/.-]+$/.test(path));
    expect(bad.map(({ path }) => path)).toEqual([]);
  });

  it('keeps a chip in its own places', () => {
    const chips = readdirSync(join(ROOT, 'device/sim/chips')).map((file) => file.replace(/\.ts$/, ''));
    expect(chips.length).toBeGreaterThan(0);
    const home = /^device\/(?:drivers\/|sim\/|catalog|drivers\/catalog)|^src\/demo\//;
    const bad = all.filter(
      ({ path, text }) =>
        !home.test(path) && chips.some((chip) => new RegExp(`\\b${chip}\\b`, 'i').test(text)),
    );
    expect(bad.map(({ path }) => path)).toEqual([]);
  });

  it('keeps preload under 60 lines', () => {
    const long = all.filter(
      ({ path, text }) => path.startsWith('src/preload/') && text.split('\n').length >= 60,
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('has one version', () => {
    const manifest = JSON.parse(read('package.json')) as { version: string };
    expect(VERSION).toBe(manifest.version);
    expect(read('CHANGELOG.md')).toContain(`## ${VERSION}`);
  });
});

describe('the documents', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'BENCHMARKS.md'];

  it('name only files, folders and scripts that exist', () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
    const missing: string[] = [];
    for (const document of documents) {
      const text = read(document);
      for (const [, path] of text.matchAll(/`((?:src|device|renderer|tests|assets|\.ci)\/[\w./-]+)`/g))
        if (globSync(path ?? '', { cwd: ROOT }).length === 0) missing.push(`${document}: ${path}`);
      for (const [, path] of text.matchAll(/\]\(([\w./-]+)\)/g))
        if (globSync(path ?? '', { cwd: ROOT }).length === 0) missing.push(`${document}: link ${path}`);
      for (const [, script] of text.matchAll(/npm run (?:-s )?([\w:]+)/g))
        if (script && !scripts[script]) missing.push(`${document}: npm run ${script}`);
    }
    expect(missing).toEqual([]);
  });

  it('map every room in ARCHITECTURE', () => {
    const text = read('ARCHITECTURE.md');
    const rooms = [
      ...readdirSync(join(ROOT, 'src')).map((room) => `src/${room}`),
      ...readdirSync(join(ROOT, 'device'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `device/${entry.name}`),
      ...readdirSync(join(ROOT, 'src/core'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `src/core/${entry.name}`),
    ];
    expect(rooms.filter((room) => !text.includes(`\`${room}`))).toEqual([]);
  });

  it('number the decisions without a hole', () => {
    const numbers = [...read('ARCHITECTURE.md').matchAll(/^### D(\d+)\. /gm)].map((match) =>
      Number(match[1]),
    );
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(5);
  });
});
