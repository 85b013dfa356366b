/** The board's hardware watchdog, read back: a setting that silently does nothing is how boards stay hung. */
import type { Watchdog } from '../../src/shared/device-contract.ts';
import type { Machine } from '../platform/machine.ts';

/** Attributes of the first watchdog (Documentation/ABI/testing/sysfs-class-watchdog of the kernel). */
const FOLDER = 'sys/class/watchdog/watchdog0';

/** `state` is `active` once something has opened the watchdog; systemd does with RuntimeWatchdogSec=. */
export function hardwareWatchdog(machine: Machine): Watchdog {
  if (machine.list(FOLDER).length === 0) return { state: 'none', timeoutS: null, identity: null };
  const state = machine.text(`${FOLDER}/state`);
  const timeout = Number.parseInt(machine.text(`${FOLDER}/timeout`) ?? '', 10);
  return {
    state: state === 'active' ? 'armed' : state === 'inactive' ? 'not-armed' : 'unknown',
    timeoutS: Number.isNaN(timeout) ? null : timeout,
    identity: machine.text(`${FOLDER}/identity`)?.slice(0, 200) ?? null,
  };
}
