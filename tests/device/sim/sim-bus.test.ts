/** The simulated bus: what it refuses, and how its world moves. */
import { describe, expect, it } from 'vitest';
import { driverById } from '../../../device/drivers/catalog.ts';
import { createSimBus } from '../../../device/sim/sim-bus.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const clock = () => new FakeClock(Date.UTC(2026, 4, 3));

/** Temperatures of a TMP102 every `stepMs`, straight off its register. */
async function temperatures(config: Record<string, unknown>, n: number, stepMs: number): Promise<number[]> {
  const time = clock();
  const bus = createSimBus('b', [{ chip: 'tmp102', address: 0x48, ...config }], time);
  const out: number[] = [];
  for (let i = 0; i < n; i++) {
    const [high = 0, low = 0] = await bus.writeRead(0x48, Uint8Array.of(0), 2);
    out.push(((high << 4) | (low >> 4)) * 0.0625);
    await time.advance(stepMs);
  }
  return out;
}

const HOUR = 3_600_000;

describe('a simulated bus', () => {
  it.each([
    ['a chip nobody knows', [{ chip: 'nosuch', address: 0x48 }], 'buses.b.chips.0.chip'],
    ['a knob nobody knows', [{ chip: 'tmp102', address: 0x48, colour: 1 }], 'buses.b.chips.0'],
    [
      'a wave of nothing',
      [{ chip: 'tmp102', address: 0x48, temperature: {} }],
      'buses.b.chips.0.temperature.mean',
    ],
    ['a prototype for a chip', [{ chip: 'constructor', address: 0x48 }], 'buses.b.chips.0.chip'],
    [
      'two chips at one address',
      [
        { chip: 'tmp102', address: 0x48 },
        { chip: 'bme280', address: 0x48 },
      ],
      'buses.b.chips.1',
    ],
  ])('refuses %s and says where', (_, chips, path) => {
    const make = () => createSimBus('b', chips, clock());
    expect(make).toThrow(MusterError);
    expect(make).toThrow(path);
  });

  it('does not acknowledge for an address where nothing is', async () => {
    const bus = createSimBus('b', [], clock());
    await expect(bus.read(0x23, 2)).rejects.toMatchObject({ code: 'BUS_NACK', details: { address: '0x23' } });
  });

  it('is coldest at midnight and warmest at noon', async () => {
    const day = await temperatures({ temperature: { mean: 20, swing: 5 } }, 25, HOUR);
    expect(day[0]).toBeCloseTo(15, 1);
    expect(day[6]).toBeCloseTo(20, 1);
    expect(day[12]).toBeCloseTo(25, 1);
    expect(day[24]).toBeCloseTo(15, 1);
  });

  it('makes the same noise of the same seed, and other noise of another', async () => {
    const noise = { temperature: { mean: 20, swing: 0, noise: 1 } };
    const [one, same, other] = [
      await temperatures({ seed: 1, ...noise }, 200, 1000),
      await temperatures({ seed: 1, ...noise }, 200, 1000),
      await temperatures({ seed: 2, ...noise }, 200, 1000),
    ];
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    const mean = one.reduce((sum, value) => sum + value, 0) / one.length;
    const spread = Math.sqrt(one.reduce((sum, value) => sum + (value - mean) ** 2, 0) / one.length);
    expect(mean).toBeCloseTo(20, 0);
    expect(spread).toBeGreaterThan(0.7);
    expect(spread).toBeLessThan(1.3);
  });

  it('refuses another chip at a BME280 address by name', async () => {
    const time = clock();
    const bus = createSimBus('b', [{ chip: 'bh1750', address: 0x76 }], time);
    const opening = driverById('bme280')?.open({
      bus,
      address: 0x76,
      options: {},
      machine: undefined as never,
      clock: time,
    });
    await expect(opening).rejects.toMatchObject({ code: 'CHIP_UNEXPECTED' });
  });
});
