/** Which way imports may point (DESIGN: rooms). A wrong arrow fails with the file, the import and what is allowed. */
import { describe, expect, it } from 'vitest';
import { packageOf, sources, target, type Source } from './sources.ts';

/** Room → rooms it may import, itself included. */
const ARROWS: Record<string, string[]> = {
  'src/shared': ['src/shared'],
  'src/core': ['src/core', 'src/shared'],
  'src/main': ['src/main', 'src/core', 'src/shared'],
  'src/preload': ['src/preload', 'src/shared'],
  'src/serve': ['src/serve', 'src/core', 'src/shared'],
  'src/cli': ['src/cli', 'src/serve', 'src/core', 'src/shared'],
  'src/demo': ['src/demo', 'src/core', 'src/shared'],
  'src/build': ['src/build', 'src/cli', 'src/serve', 'src/core', 'src/shared'],
  device: ['device', 'src/shared'],
  renderer: ['renderer', 'src/shared'],
};

/** Within the device: who may import whom. `otp` knows no sensors; nobody imports the tree but main. */
const DEVICE_ARROWS: [from: string, never: RegExp][] = [
  ['device/otp/', /^device\/(?!otp\/)/],
  ['device/bus/', /^device\/(?:drivers|sensors|journal|stream|control)\//],
  ['device/drivers/', /^device\/(?:sensors|journal|stream|control|sim|otp)\//],
  ['device/sim/', /^device\/(?:drivers|sensors|journal|stream|control|otp)\//],
  ['device/journal/', /^device\/(?:drivers|sensors|stream|control|bus|sim)\//],
];

/** Heavy library → the files that may import it (one a room). */
const HOMES: Record<string, RegExp> = {
  electron: /^src\/(?:main|preload)\//,
  ssh2: /^src\/(?:core\/ssh\/connection|demo\/ssh-server)\.ts$/,
  'ssh-config': /^src\/core\/ssh\/ssh-config\.ts$/,
  'bonjour-service': /^src\/core\/discovery\/browser\.ts$/,
  'multicast-dns':
    /^(?:src\/core\/discovery\/browser|src\/demo\/announcement|device\/announce\/announcer)\.ts$/,
  'node:sqlite': /^(?:src\/core\/archive\/database|device\/journal\/database)\.ts$/,
  uplot: /^renderer\/chart\//,
  mqtt: /^device\/bus\/mqtt\/mqtt-client\.ts$/,
  msgpackr: /^src\/shared\/peer\.ts$/,
  birpc: /^src\/shared\/peer\.ts$/,
  ws: /^src\/(?:serve\/engine-socket|main\/attach)\.ts$/,
  yaml: /^(?:device\/config|src\/shared\/yaml-(?:edit|splice)|src\/demo\/device-folder|src\/core\/firmware\/firmware-project)\.ts$/,
  commander: /^src\/cli\/(?:main|firmware-commands|output-commands|configuration-commands)\.ts$/,
  rolldown: /^src\/(?:build\/|core\/firmware\/bundle-driver\.ts$)/,
};

/** Rooms without Node. */
const NO_NODE = /^(?:src\/shared|renderer|src\/preload)\//;

const all = sources('src', 'device', 'renderer');

function roomOf(path: string): string {
  return Object.keys(ARROWS).find((room) => path.startsWith(`${room}/`)) ?? '';
}

function wrong(check: (source: Source, specifier: string) => string | null): string[] {
  return all.flatMap((source) =>
    source.imports.flatMap((specifier) => {
      const why = check(source, specifier);
      return why ? [`${source.path} imports ${specifier}: ${why}`] : [];
    }),
  );
}

describe('import arrows', () => {
  it('every file lives in a room', () => {
    expect(all.filter((source) => !roomOf(source.path)).map((source) => source.path)).toEqual([]);
  });

  it('rooms import only the rooms they may', () => {
    const bad = wrong((source, specifier) => {
      const to = target(source, specifier);
      const allowed = ARROWS[roomOf(source.path)] ?? [];
      if (to === null || to === 'package.json') return null;
      return allowed.some((room) => to.startsWith(`${room}/`)) ? null : `allowed are ${allowed.join(', ')}`;
    });
    expect(bad).toEqual([]);
  });

  it('parts of the device keep their distance', () => {
    const bad = wrong((source, specifier) => {
      const to = target(source, specifier);
      const rule = DEVICE_ARROWS.find(([from]) => source.path.startsWith(from));
      return to !== null && rule?.[1].test(to) ? `${rule[0]} must not know it` : null;
    });
    expect(bad).toEqual([]);
  });

  it('heavy libraries are imported at home only', () => {
    const bad = wrong((source, specifier) => {
      const home = HOMES[specifier] ?? HOMES[packageOf(specifier)];
      return home && !home.test(source.path) ? `its home is ${home.source}` : null;
    });
    expect(bad).toEqual([]);
  });

  it('Node is not named where there is none', () => {
    const bad = wrong((source, specifier) =>
      NO_NODE.test(source.path) && specifier.startsWith('node:') ? 'there is no Node in this room' : null,
    );
    expect(bad).toEqual([]);
  });

  it('machines are pure: no await, no clock, no timers, no Node', () => {
    const machines = all.filter((source) => source.path.endsWith('-machine.ts'));
    expect(machines.length).toBeGreaterThan(0);
    const bad = machines.filter(
      (source) =>
        source.imports.some((specifier) => specifier.startsWith('node:')) ||
        /\bawait\b|\basync\b|Date\.now|performance\.|setTimeout|setInterval|Math\.random/.test(
          source.text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, ''),
        ),
    );
    expect(bad.map((source) => source.path)).toEqual([]);
  });
});

describe('the arrow checker itself', () => {
  it('sees every way to import', () => {
    const shells = sources('src/build').find((source) => source.path === 'src/build/build.ts');
    expect(shells?.imports).toEqual(expect.arrayContaining(['node:fs', 'rolldown', 'vite', './daemon.ts']));
  });
});
