import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openJournalStore } from '../../../device/journal/journal-store.ts';
import { clockEvidence } from '../../../device/platform/device-clock.ts';
import { TimeService } from '../../../device/platform/time-service.ts';
import { ClockKeeper } from '../../../device/time/clock-keeper.ts';
import { noLog } from '../../../src/shared/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { machineOf } from '../../support/machine.ts';
import { tempFolder } from '../../support/temp-archive.ts';

const SYSTEMD = { 'run/systemd/system': '' };
const TIMESYNCD = { ...SYSTEMD, 'run/systemd/timesync/synchronized': '' };
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the evidence of a time service', () => {
  it('is asked for once a minute, and goes when the kernel says no or nobody can say', async () => {
    const clock = new FakeClock();
    const answers = [true, false, true];
    const ask = vi.fn(async () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('no D-Bus');
      return answer;
    });
    const service = new TimeService({ machine: machineOf(SYSTEMD), clock, ask });
    expect(service.syncedAt).toBeNull();
    const seen: (number | null)[] = [];
    for (let s = 0; s < 240; s++) {
      service.look();
      await settled();
      if (s % 60 === 0) seen.push(service.syncedAt);
      await clock.advance(1000);
    }
    const start = clock.wall() - 240_000;
    expect(seen).toEqual([start, null, start + 120_000, null]);
    expect(ask).toHaveBeenCalledTimes(4);
  });

  it.each([
    ['where systemd-timesyncd leaves its sign', TIMESYNCD],
    ['where systemd does not run', {}],
  ])('is not asked for %s', (_, files) => {
    const ask = vi.fn(async () => true);
    new TimeService({ machine: machineOf(files), clock: new FakeClock(), ask }).look();
    expect(ask).not.toHaveBeenCalled();
  });

  it('is what timedatectl prints', async () => {
    const bin = tempFolder();
    const program = join(bin, 'timedatectl');
    const says = (word: string) =>
      writeFileSync(
        program,
        `#!/bin/sh\n[ "$*" = "show --property=NTPSynchronized --value" ] && echo ${word}\n`,
        { mode: 0o755 },
      );
    const before = process.env['PATH'];
    onTestFinished(() => void (process.env['PATH'] = before));
    process.env['PATH'] = `${bin}:${before}`;
    const clock = new FakeClock();
    const service = new TimeService({ machine: machineOf(SYSTEMD), clock });
    const isKept = () => service.syncedAt !== null;
    says('yes');
    service.look();
    await expect.poll(isKept, { timeout: 10_000 }).toBe(true);
    says('no');
    await clock.advance(60_000);
    service.look();
    await expect.poll(isKept, { timeout: 10_000 }).toBe(false);
  });

  it('makes a device with chrony believe its clock, not a hand that sets it, and chrony again', async () => {
    const clock = new FakeClock();
    let isKept = true;
    const machine = machineOf(SYSTEMD);
    const service = new TimeService({ machine, clock, ask: async () => isKept });
    const evidence = () => clockEvidence(machine, service.syncedAt);
    const keeper = new ClockKeeper({ clock, evidence, log: noLog });
    const { journal } = openJournalStore({ path: join(tempFolder(), 'journal.db'), maxBytes: 1 << 24 });
    onTestFinished(() => journal.close());
    const run = await keeper.begin(journal, 'boot');
    const minute = async () => {
      for (let s = 0; s < 61; s++) {
        service.look();
        await settled();
        await keeper.look(journal, run);
        await clock.advance(1000);
      }
    };
    await minute();
    const right = keeper.belief;
    expect(right.clock).toBe('ntp');

    clock.setWall(clock.wall() + 3_600_000);
    isKept = false; // the kernel forgets its service when the clock is set
    await minute();
    expect(keeper.belief).toEqual(right);

    clock.setWall(clock.wall() - 3_598_000);
    isKept = true; // chrony has set it right: two seconds were missing
    await minute();
    expect(keeper.belief).toEqual({ clock: 'ntp', offsetMs: right.offsetMs + 2000 });
  });
});
