/** The driver on a simulated bus. `muster firmware test` runs this file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryDriver } from 'muster/device/drivers/try-driver.ts';
import { deviceClock } from 'muster/device/platform/device-clock.ts';
import { createSimBus } from 'muster/device/sim/sim-bus.ts';
import { simSoilProbe } from './soil-probe.sim.ts';
import soilProbe, { decodeMoisture } from './soil-probe.ts';

/** A bus with one probe; nothing else in the world. */
function bench() {
  const bus = createSimBus('i2c-1', [{ chip: 'soil-probe', address: 0x36 }], deviceClock, {
    'soil-probe': simSoilProbe,
  });
  const chip = bus.chip(0x36);
  assert.ok(chip);
  return { bus, chip };
}

test('decodes the numbers of the datasheet', () => {
  assert.equal(decodeMoisture(Uint8Array.of(0x00, 0x00, 0x00)), 0);
  assert.equal(decodeMoisture(Uint8Array.of(0xff, 0xff, 0xfe)), 100);
});

test('reads what the chip measures', async () => {
  const { bus, chip } = bench();
  chip.hold('moisture', 62.5);
  const { moisture } = await tryDriver(soilProbe, bus);
  assert.ok(Math.abs((moisture ?? 0) - 62.5) < 0.01);
});

test('makes no value of a reading with a flipped bit', async () => {
  const { bus, chip } = bench();
  chip.hold('moisture', 62.5);
  assert.throws(() => decodeMoisture(Uint8Array.of(0x80, 0x00, 0x81)), { code: 'DRIVER_CHECKSUM' });
  chip.knobs.flipBit = 0;
  await assert.rejects(tryDriver(soilProbe, bus));
});

test('says so when nothing is connected', async () => {
  const { bus, chip } = bench();
  chip.knobs.unplugged = true;
  await assert.rejects(tryDriver(soilProbe, bus), { code: 'BUS_NACK' });
});
