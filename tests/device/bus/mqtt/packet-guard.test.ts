import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { PacketGuard } from '../../../../device/bus/mqtt/packet-guard.ts';

/** A packet of PUBLISH with a rest of `length` bytes (MQTT 3.1.1 section 2.2.3). */
function packet(length: number): Buffer {
  const head = [0x30];
  let rest = length;
  do {
    head.push((rest & 0x7f) | (rest > 127 ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0xff)]);
}

it('tells the longest packet, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 20 }),
      (lengths, cuts) => {
        const bytes = Buffer.concat(lengths.map(packet));
        const guard = new PacketGuard();
        let longest = 0;
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const step = cuts[n % cuts.length] as number;
          longest = Math.max(longest, guard.see(bytes.subarray(at, at + step)));
          at += step;
        }
        expect(longest).toBe(Math.max(...lengths));
      },
    ),
  );
});

it('tells it from the first bytes, before the packet is there', () => {
  expect(new PacketGuard().see(packet(200_000_000).subarray(0, 5))).toBe(200_000_000);
});

it('takes a length without an end for endless (section 2.2.3: four bytes at most)', () => {
  expect(new PacketGuard().see(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff))).toBe(Number.POSITIVE_INFINITY);
});
