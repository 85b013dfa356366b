/** The device's real clock, and how far its wall time can be believed. */
import type { ClockSource } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Machine } from './machine.ts';

/** `monotonic` counts from the start of this process and never jumps. */
export const deviceClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * `ntp` when there is evidence that a time service has set this machine's clock: systemd-timesyncd leaves a file
 * (systemd-timesyncd.service(8)). Without evidence: `none`.
 */
export function clockSource(machine: Machine): ClockSource {
  return machine.list('run/systemd/timesync').includes('synchronized') ? 'ntp' : 'none';
}

/** The kernel's id of this boot; a run that shares it shares the boot. */
export function bootId(machine: Machine): string {
  return machine.text('proc/sys/kernel/random/boot_id') ?? 'unknown';
}
