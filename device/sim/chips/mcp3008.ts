/**
 * An MCP3008 bit by bit (Microchip DS21295, figures 5-1 and 5-2): start bit, single or differential, channel, then a
 * null bit, ten bits from the highest, nine again from the second lowest, zeros after that. Supply 3.3 V.
 */
import { clampRound, defineChip, type SpiFace, type World } from '../sim-chip.ts';

const VREF = 3.3;
const quarter = { mean: VREF / 2, swing: VREF / 4, noise: 0.005 };

function code(world: World, channel: number): number {
  return clampRound((world.now(`a${channel}`) / VREF) * 1024, 0, 1023);
}

export const simMcp3008 = defineChip<SpiFace>(
  Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`a${i}`, quarter])),
  (world) => ({
    transfer(bytes) {
      const bits = [...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1));
      const start = bits.indexOf(1);
      const out = new Uint8Array(bytes.length).fill(0xff);
      if (start < 0) return out;
      const [single = 0, d2 = 0, d1 = 0, d0 = 0] = bits.slice(start + 1, start + 5);
      const channel = (d2 << 2) | (d1 << 1) | d0;
      // differential: IN+ is the channel, IN− its neighbour (table 5-2)
      const value = single
        ? code(world, channel)
        : Math.max(0, code(world, channel) - code(world, channel ^ 1));
      const high = Array.from({ length: 10 }, (_, i) => (value >> (9 - i)) & 1);
      const answer = [0, ...high, ...high.slice(0, 9).toReversed()];
      for (let i = start + 6; i < bits.length; i++) {
        const bit = answer[i - start - 6] ?? 0;
        if (!bit) out[i >> 3] = (out[i >> 3] as number) & ~(0x80 >> (i & 7));
      }
      return out;
    },
  }),
);
