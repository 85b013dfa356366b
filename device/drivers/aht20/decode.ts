/** AHT20 answers to %RH and °C (ASAIR AHT20 product manual, sections 5.4 and 6). Pure. */
import { MusterError } from '../../../src/shared/errors.ts';
import { crc8 } from '../../bus/crc8.ts';
import { ANSWER_LENGTH, BUSY } from './registers.ts';

/** `bytes`: the seven of an answer. Throws DRIVER_CHECKSUM when they do not fit together, TIMEOUT while it measures. */
export function decode(bytes: Uint8Array): { humidity: number; temperature: number } {
  const [status = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = bytes;
  if (crc8(bytes.subarray(0, ANSWER_LENGTH - 1)) !== bytes[ANSWER_LENGTH - 1])
    throw new MusterError('DRIVER_CHECKSUM', 'the answer fails its checksum', {});
  if (status & BUSY) throw new MusterError('TIMEOUT', 'the chip still measures', {});
  return {
    humidity: (((b1 << 12) | (b2 << 4) | (b3 >> 4)) / 2 ** 20) * 100,
    temperature: ((((b3 & 0x0f) << 16) | (b4 << 8) | b5) / 2 ** 20) * 200 - 50,
  };
}
