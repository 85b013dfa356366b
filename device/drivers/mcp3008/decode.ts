/**
 * MCP3008 answers to a code (Microchip DS21295, figure 5-2): a null bit, ten bits from the highest, the upper nine again
 * in reverse, then zeros. There is no checksum: that both forms agree is the proof. Pure.
 */
import { MusterError } from '../../../src/shared/errors.ts';

/** `bytes`: five that came back. 0 to 1023. Throws BUS_NACK when nothing drives the wire, DRIVER_CHECKSUM on damage. */
export function decodeCode(bytes: Uint8Array): number {
  const [, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes;
  if (bytes.every((byte) => byte === 0xff))
    throw new MusterError('BUS_NACK', 'nothing drives the answer: no chip is selected there', {});
  const code = ((b1 & 0x03) << 8) | b2;
  const again = (b3 << 1) | (b4 >> 7);
  if (b1 & 0x04 || b4 & 0x7f || again !== reversed(code))
    throw new MusterError('DRIVER_CHECKSUM', 'the answer contradicts itself', {});
  return code;
}

/** Bits 1 to 9 of `code`, the lowest of them first. */
function reversed(code: number): number {
  let out = 0;
  for (let bit = 1; bit < 10; bit++) out = (out << 1) | ((code >> bit) & 1);
  return out;
}
