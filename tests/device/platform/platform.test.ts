/** Identity, machine and health over folder trees. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { perDay, Rates } from '../../../device/health/health.ts';
import { better } from '../../../device/time/clock-belief.ts';
import { clockEvidence } from '../../../device/platform/device-clock.ts';
import { prettyName, readIdentity } from '../../../device/platform/identity.ts';
import { openMachine } from '../../../device/platform/machine.ts';
import { pathsOf } from '../../../device/platform/paths.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { machineOf } from '../../support/machine.ts';

let prefix: string;
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'muster-platform-'));
});
afterEach(() => rmSync(prefix, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(join(prefix, path, '..'), { recursive: true });
  writeFileSync(join(prefix, path), text);
}

describe('the machine', () => {
  it('is read below the prefix first, at the root else', () => {
    put('proc/loadavg', '1 2 3\n');
    put('proc/device-tree/model', 'Raspberry Pi 4 Model B\0');
    const machine = openMachine(prefix);
    expect(machine.text('proc/loadavg')).toBe('1 2 3');
    expect(machine.text('proc/device-tree/model')).toBe('Raspberry Pi 4 Model B');
    expect(machine.text('proc/uptime')).toMatch(/^\d/);
    expect(machine.text('proc/nosuch')).toBeNull();
    expect(machine.list('proc/nosuch')).toEqual([]);
    expect(openMachine('').text('proc/loadavg')).not.toBe('1 2 3');
  });

  it('says ntp only on evidence', () => {
    const source = (files: Record<string, string>, keptAt: number | null = null) =>
      clockEvidence(machineOf(files), keptAt).source;
    expect(source({})).toBe('none');
    expect(source({ 'run/systemd/timesync/synchronized': '' })).toBe('ntp');
    expect(source({ 'sys/class/rtc/rtc0/hctosys': '1' })).toBe('rtc');
    expect(source({ 'sys/class/rtc/rtc0/hctosys': '0' })).toBe('none');
    expect(source({ 'sys/class/rtc/rtc0/hctosys': '1' }, 5)).toBe('ntp');
  });

  it('has its paths below the prefix', () => {
    expect(pathsOf('').socket).toBe('/run/muster/muster.sock');
    expect(pathsOf('/home/pi/.muster').journal).toBe('/home/pi/.muster/var/lib/muster/journal.db');
  });
});

describe('the identity', () => {
  const PI = machineOf({
    'proc/device-tree/serial-number': '10000000abcdef01',
    'proc/device-tree/model': 'Raspberry Pi 4 Model B',
    'etc/hostname': 'pump-house',
    'etc/machine-id': 'feed',
    'etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  });

  it('keeps the id it was given and reads the rest off the board', () => {
    const path = join(prefix, 'identity.json');
    writeFileSync(path, '{"id":"57305aaf-07e7-4b73-8575-4ef43d46a384"}');
    expect(readIdentity(path, PI)).toEqual({
      id: '57305aaf-07e7-4b73-8575-4ef43d46a384',
      serial: '10000000abcdef01',
      hostname: 'pump-house',
      model: 'Raspberry Pi 4 Model B',
      arch: 'arm64',
      system: 'Debian GNU/Linux 12 (bookworm)',
    });
  });

  it.each(['', '{', '{"id":7}', '{"id":"../../etc/passwd"}'])(
    'makes one id, once, of a file of %j',
    (text) => {
      const path = join(prefix, 'identity.json');
      writeFileSync(path, text);
      const { id } = readIdentity(path, machineOf({}));
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(readIdentity(path, machineOf({})).id).toBe(id);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ id });
    },
  );

  it('takes a board without serial or names as it is', () => {
    expect(
      readIdentity(join(prefix, 'identity.json'), machineOf({ 'etc/machine-id': 'feed' })),
    ).toMatchObject({
      serial: 'feed',
      model: 'Linux machine',
      system: 'Linux',
    });
    expect(prettyName("PRETTY_NAME='x y'")).toBe('x y');
    expect(prettyName('PRETTY_NAME=plain')).toBe('plain');
  });
});

describe('health', () => {
  it('believes a better source and a step, not a clock that lost its source', () => {
    const none = { offsetMs: 0, clock: 'none' } as const;
    const ntp = { offsetMs: 1e12, clock: 'ntp' } as const;
    expect(better(none, ntp)).toBe(ntp);
    expect(better(ntp, { offsetMs: 5, clock: 'none' })).toBe(ntp);
    expect(better(ntp, { offsetMs: 1e12 + 20, clock: 'ntp' })).toBe(ntp);
    const stepped = { offsetMs: 1e12 + 60, clock: 'ntp' } as const;
    expect(better(ntp, stepped)).toBe(stepped);
  });

  it('counts rates between looks', async () => {
    const clock = new FakeClock();
    const rates = new Rates(clock);
    await clock.advance(2000);
    rates.look(100);
    expect(rates.perS).toBe(50);
    rates.look(500);
    expect(rates.perS).toBe(50);
    expect([perDay(1000, 86_400_000), perDay(5, 0)]).toEqual([1000, 0]);
  });
});
