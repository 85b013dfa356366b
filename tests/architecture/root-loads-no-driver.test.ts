/** The root process never loads a driver: nothing it imports, however far, leads to one but through a host's start. */
import { expect, it } from 'vitest';
import { sources, target } from './sources.ts';

const all = new Map(sources('device', 'src/shared').map((source) => [source.path, source]));

/** Everything that is loaded with `entry`: imports of values, not those that a function asks for later. */
function loadedWith(entry: string): Set<string> {
  const loaded = new Set([entry]);
  for (const path of loaded) {
    const source = all.get(path);
    if (!source) throw new Error(`${path} is imported but not there`);
    const code = source.text
      .replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
      .replaceAll(/\bimport type [^;]+;/g, '');
    for (const [, specifier = ''] of code.matchAll(/(?:\bfrom\s+|^import\s+)'(\.[^']+\.ts)'/gm)) {
      const to = target(source, specifier);
      if (to) loaded.add(to);
    }
  }
  return loaded;
}

// what the configuration says of a bus is words
const DRIVERS =
  /^device\/(?:drivers|sim|bus\/(?!bus-config|serial\/line-settings|mqtt\/broker-fields)|sensors\/(?:sensors|sensor-actor))/;

it('reaches no driver, chip or bus from the daemon', () => {
  const loaded = loadedWith('device/main.ts');
  expect(loaded).toContain('device/host/host.ts');
  expect([...loaded].filter((path) => DRIVERS.test(path))).toEqual([]);
});

it('reaches them from a host', () => {
  expect(
    [...loadedWith('device/host/host-program.ts')].filter((path) => DRIVERS.test(path)).length,
  ).toBeGreaterThan(10);
});
