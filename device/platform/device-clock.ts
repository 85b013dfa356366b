/** The device's real clock, and how far its wall time can be believed. */
import type { ClockSource } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Machine } from './machine.ts';

/** Ms from the machine's start to this process's; CLOCK_MONOTONIC of clock_gettime(2), as performance.now() is. */
const PROCESS_START_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** `monotonic` counts from the machine's start, so that all processes and all runs of one boot share it. */
export const deviceClock: Clock = {
  monotonic: () => PROCESS_START_MS + performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    // no timer of Node's is shorter than 1 ms; who is behind goes on in the next turn of the event loop
    if (ms <= 0) {
      const immediate = setImmediate(fn);
      return () => clearImmediate(immediate);
    }
    // Node cuts fractions off: a timer that comes too early has to be set a second time
    const timer = setTimeout(fn, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};

/** Who set the machine's clock, as far as the machine shows it. */
export interface ClockEvidence {
  source: ClockSource;
  /** When a time service last set it, epoch ms by that clock; null when none did in this boot. */
  syncedAt: number | null;
}

/** Touched by systemd-timesyncd whenever it has set the clock (systemd-timesyncd.service(8)). */
export const TIMESYNCD_SIGN = 'run/systemd/timesync/synchronized';

/**
 * `ntp` when a time service has set this machine's clock in this boot; `rtc` when the kernel took it from a battery
 * clock at boot (`hctosys`, Documentation/ABI/testing/sysfs-class-rtc); `none` without evidence. `keptAt`: when the
 * clock was last seen to be kept by any time service (time-service.ts), epoch ms by that clock.
 */
export function clockEvidence(machine: Machine, keptAt: number | null): ClockEvidence {
  const syncedAt = machine.modifiedMs(TIMESYNCD_SIGN) ?? keptAt;
  if (syncedAt !== null) return { source: 'ntp', syncedAt };
  const fromRtc = machine
    .list('sys/class/rtc')
    .some((rtc) => machine.text(`sys/class/rtc/${rtc}/hctosys`) === '1');
  return { source: fromRtc ? 'rtc' : 'none', syncedAt: null };
}

/** The kernel's id of this boot; a run that shares it shares the boot. */
export function bootId(machine: Machine): string {
  return machine.text('proc/sys/kernel/random/boot_id') ?? 'unknown';
}
