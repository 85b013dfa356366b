/**
 * A serial port of Linux (termios(3), tty(4)): its file, set up as told, raw bytes without waiting.
 * Owns: what the kernel's errors mean; the lock (flock(2)) by which programs that ask for it keep off each other's port.
 * Refuses: to ask modem lines, and to change them on closing: boards that restart by DTR are left alone.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { MusterError } from '../../../src/shared/errors.ts';
import { busError, loadLinuxAddon, type LinuxAddon } from '../linux-addon.ts';
import type { LineSettings } from './line-settings.ts';

const { EAGAIN, EIO, ENOENT, ENODEV, ENXIO, ENOTTY, EINVAL } = constants.errno;
const PARITY = { none: 0, even: 1, odd: 2 } as const;

/** What a port that cannot be used says of itself. */
function portError(bus: string, { device, baud }: LineSettings, errno: number): MusterError {
  const words: Partial<Record<number, string>> = {
    [ENOENT]: `there is no ${device}; plug the adapter in (raspi-config for the board's own), or correct the configuration`,
    [ENODEV]: `${device} is gone: unplugged`,
    [ENXIO]: `${device} is gone: unplugged`,
    [EIO]: `${device} is gone: unplugged`,
    [ENOTTY]: `${device} is no serial port`,
    [EINVAL]: `${device} cannot be set to ${baud} baud`,
    [EAGAIN]: `${device} is in use by another program`,
  };
  const known = words[Math.abs(errno)];
  if (known === undefined) return busError(bus, device, errno, { device, group: 'dialout' });
  return new MusterError('BUS_MISSING', `${bus}: ${known}`, { bus, device, errno: Math.abs(errno) });
}

export class SerialPort {
  readonly #bus: string;
  readonly #settings: LineSettings;
  readonly #addon: LinuxAddon;
  readonly #file: number;
  readonly #room = Buffer.alloc(1024);
  #closed = false;

  /** Opens it. Throws BUS_MISSING. */
  constructor(bus: string, settings: LineSettings, load: () => LinuxAddon = () => loadLinuxAddon(bus)) {
    this.#bus = bus;
    this.#settings = settings;
    this.#addon = load();
    const { device, baud, dataBits, parity, stopBits } = settings;
    this.#file = this.#checked(this.#addon.openSerial(device, baud, dataBits, PARITY[parity], stopBits));
  }

  /** True when nobody else has it, and from now on nobody else will, until `unlock` or the end of this process. */
  lock(): boolean {
    const answer = this.#addon.lockFile(this.#file, 1);
    if (answer === -EAGAIN) return false;
    this.#checked(answer);
    return true;
  }

  unlock(): void {
    if (!this.#closed) this.#addon.lockFile(this.#file, 0);
  }

  /** What has come in and nobody has read is gone. */
  dropInput(): void {
    this.#checked(this.#addon.dropInput(this.#file));
  }

  /** Puts bytes on their way. */
  write(bytes: Uint8Array): void {
    const written = this.#call(() => writeSync(this.#file, bytes));
    if (written === bytes.length) return;
    const words = `${this.#bus}: ${this.#settings.device} takes no more bytes`;
    throw new MusterError('BUS_STUCK', words, { bus: this.#bus });
  }

  /** Bytes that have come; none where there are none. Throws BUS_MISSING when the port is gone. */
  read(): Uint8Array {
    const n = this.#call(() => readSync(this.#file, this.#room, 0, this.#room.length, null));
    if (n === null) return new Uint8Array();
    // the other end of a line that was hung up
    if (n === 0) throw portError(this.#bus, this.#settings, ENODEV);
    return Uint8Array.from(this.#room.subarray(0, n));
  }

  /** Waits until there is something to read, or to be told, at most `ms`. */
  async wait(ms: number): Promise<boolean> {
    const files = await this.#addon.waitForInput(Int32Array.of(this.#file), Math.max(0, Math.ceil(ms)));
    return files.length > 0;
  }

  /** Never while somebody waits: the kernel would go on waiting on whatever file takes the number. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }

  /** Null: not now. */
  #call(work: () => number): number | null {
    try {
      return work();
    } catch (error) {
      const { errno = 0 } = error as NodeJS.ErrnoException;
      if (Math.abs(errno) === EAGAIN) return null;
      throw portError(this.#bus, this.#settings, errno);
    }
  }

  #checked(answer: number): number {
    if (answer < 0) throw portError(this.#bus, this.#settings, answer);
    return answer;
  }

  /** Nobody else lets go of it. */
  inUse(): MusterError {
    return portError(this.#bus, this.#settings, EAGAIN);
  }
}
