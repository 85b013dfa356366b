/** What linux.node gives (linux.c): each call answers what it made, or a negative errno. */
import { constants } from 'node:os';
import { MusterError } from '../../src/shared/errors.ts';
import { loadAddon } from './addon.ts';

export interface LinuxAddon {
  requestLine(chip: number, line: number, flags: number, level: number): number;
  getLevel(line: number): number;
  setLevel(line: number, level: number): number;
  readEdges(line: number, atMs: Float64Array, levels: Float64Array, sequences: Float64Array): number;
  waitForInput(files: Int32Array, ms: number): Promise<number[]>;
  spiTransfer(file: number, mode: number, hz: number, bytes: Uint8Array): number;
  openSerial(path: string, baud: number, bits: number, parity: number, stops: number): number;
  lockFile(file: number, lock: number): number;
  dropInput(file: number): number;
}

export function loadLinuxAddon(bus: string): LinuxAddon {
  return loadAddon('linux.node', bus) as LinuxAddon;
}

const { EACCES, EBUSY, EINVAL, ENOENT, ENODEV, EPERM } = constants.errno;

/** Says in words why `what` of a bus cannot be had. `errno`: of either sign. `group`: who may use the file. */
export function busError(
  bus: string,
  what: string,
  errno: number,
  { device, group }: { device: string; group: string },
): MusterError {
  const words: Partial<Record<number, string>> = {
    [ENOENT]: `there is no ${device}; switch it on (raspi-config, Interface Options) or correct the configuration`,
    [EACCES]: `the daemon may not use ${device}; its user has to be in the file's group, usually ${group}`,
    [EPERM]: `${what} is not the daemon's to use so`,
    [EBUSY]: `${what} is in use by somebody else`,
    [EINVAL]: `there is no ${what}, or it cannot be used so`,
    [ENODEV]: `${device} is gone`,
  };
  const number = Math.abs(errno);
  return new MusterError('BUS_MISSING', `${bus}: ${words[number] ?? `${what} fails, errno ${number}`}`, {
    bus,
    device,
    errno: number,
  });
}
