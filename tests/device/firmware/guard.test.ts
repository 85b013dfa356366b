/** The boot guard alone, under every POSIX shell that is here, with shell scripts for Nodes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirmwareFolder } from '../../support/firmware-folder.ts';

const GUARD = new URL('../../../assets/muster-guard.sh', import.meta.url).pathname;
const SUPERVISE = new URL('../../../assets/muster-supervise.sh', import.meta.url).pathname;

/** Shells as a command line; those that are not installed are left out. */
const SHELLS = [['sh'], ['dash'], ['busybox', 'sh'], ['bash', '--posix']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', 'true']).status === 0,
);

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('under %s the guard', (_, shell) => {
  let folder: FirmwareFolder;
  beforeEach(() => {
    folder = new FirmwareFolder();
  });
  afterEach(() => folder.remove());

  const run = (): string => {
    const [program = '', ...args] = shell;
    const { stdout } = spawnSync(program, [...args, GUARD], {
      env: { MUSTER_PREFIX: folder.prefix, PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
    });
    return stdout.trim();
  };
  const slotB = (node = readFileSync(join(folder.opt, 'slots/a/node'), 'utf8')) => {
    folder.write('opt/muster/slots/b/node', node, 0o755);
    folder.write('opt/muster/slots/b/muster-daemon.mjs', '2.0.0\n');
  };
  const verdict = () => readFileSync(join(folder.opt, 'firmware/verdict'), 'utf8');
  const order = (text: string) => folder.write('opt/muster/firmware/trial', `${text}\n`);

  it('is written in the shell’s language', () => {
    const [program = '', ...args] = shell;
    for (const script of [GUARD, SUPERVISE])
      expect(execFileSync(program, [...args, '-n', script], { encoding: 'utf8' })).toBe('');
  });

  it('starts the confirmed version', () => {
    expect(run()).toBe('a 1.0.0');
  });

  it('tries what was ordered as often as it may, then says why not', () => {
    slotB();
    order('b 2 60');
    expect([run(), run(), run(), run()]).toEqual(['b 2.0.0', 'b 2.0.0', 'a 1.0.0', 'a 1.0.0']);
    expect(verdict()).toBe('b\nit ended by itself, 2 times, before it had proved itself\n');
    expect(existsSync(join(folder.opt, 'firmware/trial'))).toBe(false);
  });

  it.each(['', 'x', '../../etc 2 60', 'c 2 60', 'b; reboot', '\0\0\0'])(
    'makes nothing of the order %j',
    (text) => {
      slotB();
      order(text);
      expect(run()).toBe('a 1.0.0');
      expect(existsSync(join(folder.opt, 'firmware/trial'))).toBe(false);
    },
  );

  it('does not wait for ever for numbers that are none', () => {
    slotB();
    order('b many soon');
    expect([run(), run()]).toEqual(['b 2.0.0', 'a 1.0.0']);
  });

  it('gives up what a restart of the machine came over, and not what was only ordered', () => {
    slotB();
    order('b 2 60');
    folder.boot('boot-2');
    expect(run()).toBe('b 2.0.0');
    folder.boot('boot-3');
    expect(run()).toBe('a 1.0.0');
    expect(verdict()).toContain('switched off or restarted');
  });

  it('gives up a runtime that does not start, and one that is not there', () => {
    slotB('nonsense');
    order('b 2 60');
    expect(run()).toBe('a 1.0.0');
    expect(verdict()).toBe('b\nits Node.js does not start on this device\n');
    folder.drop('opt/muster/slots/b/node');
    order('b 2 60');
    expect(run()).toBe('a 1.0.0');
  });

  it('starts the first installation when the confirmed one does not start', () => {
    folder.write('opt/muster/slots/a/node', 'nonsense', 0o755);
    expect(run()).toBe('factory 1.0.0');
    folder.drop('opt/muster/current');
    expect(run()).toBe('factory 1.0.0');
  });

  it('starts the first installation after five starts without a daemon', () => {
    expect(Array.from({ length: 6 }, run)).toEqual([...Array(5).fill('a 1.0.0'), 'factory 1.0.0']);
    folder.drop('opt/muster/firmware/starts');
    expect(run()).toBe('a 1.0.0');
  });

  it('becomes the daemon: its process number stays, on trial too, and the watcher is no child of it', () => {
    const telling = '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho $$; cat /proc/$$/task/$$/children\n';
    folder.write('opt/muster/slots/a/node', telling, 0o755);
    slotB(telling);
    for (const trial of [false, true]) {
      if (trial) order('b 2 60');
      const [program = '', ...args] = shell;
      const { pid, stdout } = spawnSync(program, [...args, GUARD], {
        env: { MUSTER_PREFIX: folder.prefix, PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
      });
      const [said, children = ''] = stdout.split('\n');
      expect(Number(said)).toBe(pid);
      // cat itself
      expect(children.trim().split(/\s+/)).toHaveLength(1);
    }
  });

  it('says so when nothing starts at all', () => {
    for (const slot of ['a', 'factory']) folder.write(`opt/muster/slots/${slot}/node`, 'nonsense', 0o755);
    expect(run()).toBe('');
  });
});
