/**
 * The text of w1_slave to °C: nine bytes in hexadecimal, what the kernel found of the checksum, and the bytes again
 * (kernel: drivers/w1/slaves/w1_therm.c). The temperature is the first two bytes, low first, 1/16 °C a step. Pure.
 */
import { MusterError } from '../../../src/shared/errors.ts';

/** °C, −55 to 125. Throws DRIVER_CHECKSUM when the bytes are damaged or all zero, BAD_REPLY when it is another text. */
export function decodeTemperature(text: string): number {
  const [, hex, verdict] = /^((?:[0-9a-f]{2} ){9}): crc=[0-9a-f]{2} (YES|NO)\b/.exec(text) ?? [];
  if (!hex)
    throw new MusterError('BAD_REPLY', 'the kernel gave no thermometer text', { text: text.slice(0, 80) });
  const bytes = hex
    .trimEnd()
    .split(' ')
    .map((byte) => Number.parseInt(byte, 16));
  // a wire held low gives nine zeros, whose checksum is zero as well
  if (verdict !== 'YES' || bytes.every((byte) => byte === 0))
    throw new MusterError('DRIVER_CHECKSUM', 'the answer fails its checksum', {});
  const [low = 0, high = 0] = bytes;
  return (((high << 24) >> 16) | low) / 16;
}
