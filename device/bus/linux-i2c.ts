/**
 * An I2C bus of Linux (kernel: Documentation/i2c/dev-interface.rst) through the native part of the package `i2c-bus`.
 * Owns: one file a bus, one transfer at a time in the order asked, its time-out, and what the kernel's errors mean.
 * Refuses: to wait in the event loop (transfers run on the thread pool), to pile up calls behind a bus that hangs, and
 * to free a wire that is held low: the adapter's own driver tries that, user space cannot.
 *
 * Transfers are SMBus commands where their bytes on the wire are the same, so that adapters that know nothing else
 * (and the kernel's i2c-stub) will do. Those carry 32 bytes at most (UAPI i2c.h, I2C_SMBUS_BLOCK_MAX); more than that,
 * and a read after a question of several bytes, is a plain write and a plain read with a STOP between.
 */
import { closeSync, open, read, write } from 'node:fs';
import { constants } from 'node:os';
import { MusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import { loadAddon } from './addon.ts';
import { nack, type Bus } from './bus.ts';

/** A transfer that takes longer has met a bus that hangs, ms. Adapters give up after a second themselves. */
const TRANSFER_MS = 2000;
const SMBUS_BLOCK_MAX = 32;

type Done = (error: NodeJS.ErrnoException | null, value?: number) => void;

/** What of `i2c-bus`' addon is used; each is one ioctl (its src/). */
export interface I2cAddon {
  setAddrSync(fd: number, address: number, force: boolean): void;
  writeQuickAsync(fd: number, bit: number, done: Done): void;
  sendByteAsync(fd: number, byte: number, done: Done): void;
  receiveByteAsync(fd: number, done: Done): void;
  readI2cBlockAsync(fd: number, command: number, length: number, into: Buffer, done: Done): void;
  writeI2cBlockAsync(fd: number, command: number, length: number, from: Buffer, done: Done): void;
}

/** One transfer, to an address that is set. */
type Transfer<T> = (fd: number, addon: I2cAddon) => Promise<T>;

/** The bus behind `device` (`/dev/i2c-1`), opened when it is first used. `load`: gives the addon; a test's own. */
export function createLinuxI2c(
  id: string,
  device: string,
  clock: Clock,
  load: () => I2cAddon = () => loadAddon('i2c.node', id) as I2cAddon,
): Bus {
  let opened: { fd: number; address: number | null } | null = null;
  let addon: I2cAddon | null = null;
  let last: Promise<unknown> = Promise.resolve();
  /** True from the time-out of a transfer until the kernel gives it back. */
  let hangs = false;

  async function select(address: number): Promise<[number, I2cAddon]> {
    addon ??= load();
    opened ??= { fd: await call((done) => open(device, 'r+', done)), address: null };
    if (opened.address !== address) {
      // asks no chip: the kernel only looks whether a driver of its own has that address
      addon.setAddrSync(opened.fd, address, false);
      opened.address = address;
    }
    return [opened.fd, addon];
  }

  async function run<T>(address: number, transfer: Transfer<T>): Promise<T> {
    try {
      return await transfer(...(await select(address)));
    } catch (thrown) {
      if (thrown instanceof MusterError) throw thrown;
      const error = inWords(thrown as NodeJS.ErrnoException, id, device, address);
      if (error.code === 'BUS_MISSING' && opened) {
        // an adapter that was pulled out comes back under a new file
        closeSync(opened.fd);
        opened = null;
      }
      throw error;
    }
  }

  function inTurn<T>(address: number, transfer: Transfer<T>): Promise<T> {
    if (hangs) return Promise.reject(stuck(id, 'a transfer has not come back yet'));
    const turn = last.then(() => {
      // those that queued before the one that hangs
      if (hangs) throw stuck(id, 'a transfer has not come back yet');
      const work = run(address, transfer);
      return timed(work);
    });
    last = turn.catch(() => {});
    return turn;
  }

  function timed<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(TRANSFER_MS, () => {
        hangs = true;
        reject(stuck(id, `a transfer took over ${TRANSFER_MS} ms`));
      });
      const settle = (): void => {
        cancel();
        hangs = false;
      };
      void work.finally(settle).then(resolve, reject);
    });
  }

  return {
    kind: 'i2c',
    id,
    write: (address, bytes) => inTurn(address, (fd, i2c) => put(fd, i2c, bytes)),
    read: (address, length) => inTurn(address, (fd, i2c) => get(fd, i2c, length)),
    writeRead: (address, bytes, length) =>
      inTurn(address, async (fd, i2c) => {
        if (bytes.length === 1 && length > 0 && length <= SMBUS_BLOCK_MAX) {
          const into = Buffer.alloc(length);
          const n = await call<number>((done) =>
            i2c.readI2cBlockAsync(fd, bytes[0] as number, length, into, done),
          );
          return into.subarray(0, n);
        }
        await put(fd, i2c, bytes);
        return get(fd, i2c, length);
      }),
  };
}

async function put(fd: number, i2c: I2cAddon, bytes: Uint8Array): Promise<void> {
  const [first, ...rest] = bytes;
  if (first === undefined) await call((done) => i2c.writeQuickAsync(fd, 0, done));
  else if (rest.length === 0) await call((done) => i2c.sendByteAsync(fd, first, done));
  else if (rest.length <= SMBUS_BLOCK_MAX)
    await call((done) => i2c.writeI2cBlockAsync(fd, first, rest.length, Buffer.from(rest), done));
  else await call((done) => write(fd, bytes, 0, bytes.length, null, done));
}

async function get(fd: number, i2c: I2cAddon, length: number): Promise<Uint8Array> {
  if (length === 1) return Uint8Array.of(await call((done) => i2c.receiveByteAsync(fd, done)));
  const into = Buffer.alloc(length);
  const n = await call<number>((done) => read(fd, into, 0, length, null, done));
  return into.subarray(0, n);
}

/** A call with a callback, as a promise. */
function call<T>(
  start: (done: (error: NodeJS.ErrnoException | null, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

/** Somebody holds a wire low, or the adapter hangs. */
function stuck(bus: string, why: string): MusterError {
  const words = `${bus} hangs (${why}): a chip holds a wire low, or one is shorted; cut the power and look at the wires`;
  return new MusterError('BUS_STUCK', words, { bus });
}

/** "Remote I/O error" (kernel: include/uapi/asm-generic/errno.h), which Node has no name for. */
const EREMOTEIO = 121;
const { ENXIO, EIO, ETIMEDOUT, EAGAIN, ENOENT, EACCES, EPERM, EBUSY, EOPNOTSUPP, ENOTTY } = constants.errno;

/** What an errno says of a transfer (kernel: Documentation/i2c/fault-codes.rst). */
function inWords(error: NodeJS.ErrnoException, bus: string, device: string, address: number): MusterError {
  // the addon gives it positive, libuv negative
  const errno = Math.abs(error.errno ?? 0);
  const missing = (words: string, more: Record<string, boolean> = {}): MusterError =>
    new MusterError('BUS_MISSING', `${bus}: ${words}`, { bus, device, errno, ...more }, error);
  switch (errno) {
    case EREMOTEIO:
    case ENXIO:
    case EIO:
      return nack(bus, address);
    case ETIMEDOUT:
    case EAGAIN:
      return stuck(bus, 'the adapter gave up');
    case ENOENT:
      return missing(
        `there is no ${device}; switch I2C on (raspi-config, Interface Options) and start the device anew`,
      );
    case EACCES:
    case EPERM:
      return missing(`the daemon may not use ${device}; its user has to be in the file's group, usually i2c`);
    case EBUSY:
      return missing(
        `a driver of the kernel has 0x${address.toString(16)} for itself; read it by the driver hwmon or iio`,
        { kernels: true },
      );
    case EOPNOTSUPP:
    case ENOTTY:
      return missing(`${device} cannot do such a transfer`);
    default:
      return missing(`${device} does not work: ${error.message.trim()}`);
  }
}
