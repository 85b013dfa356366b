/**
 * An I2C bus as a driver sees it: addressed chips that take and give bytes.
 * Owns: the interface and its errors. Refuses: to know a chip. Real and simulated buses implement it; drivers call it.
 */
import { MusterError } from '../../src/shared/errors.ts';

/**
 * Transfers to 7-bit addresses. Every call rejects with BUS_NACK when the chip does not acknowledge,
 * and with BUS_MISSING when the bus itself is not there.
 */
export interface Bus {
  readonly kind: 'i2c';
  /** Name in the configuration: `i2c-1`. */
  readonly id: string;
  /** START, address + W, bytes, STOP. */
  write(address: number, bytes: Uint8Array): Promise<void>;
  /** START, address + R, `length` bytes, STOP. */
  read(address: number, length: number): Promise<Uint8Array>;
  /** A write and a read with a repeated START between, so that nobody comes in between: a register read. */
  writeRead(address: number, bytes: Uint8Array, length: number): Promise<Uint8Array>;
  /**
   * `writeRead` at once, on a bus that can: a reading then costs no promise. Null when it has to wait this time, throws
   * where `writeRead` rejects.
   */
  writeReadNow?(address: number, bytes: Uint8Array, length: number): Uint8Array | null;
}

/** The chip at `address` did not acknowledge. */
export function nack(bus: string, address: number): MusterError {
  const hex = `0x${address.toString(16).padStart(2, '0')}`;
  return new MusterError('BUS_NACK', `nothing answers at ${hex} on ${bus}`, { bus, address: hex });
}

/** There is no bus of that name. */
export function busMissing(bus: string): MusterError {
  return new MusterError('BUS_MISSING', `there is no bus ${bus}`, { bus });
}
