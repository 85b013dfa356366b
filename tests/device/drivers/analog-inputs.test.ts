/** What an analog input's voltage means: scales, loops, what is believed, and what a configuration may not say. */
import { describe, expect, it } from 'vitest';
import { analogInputs, type Converter } from '../../../device/drivers/analog/analog-inputs.ts';
import { driverById } from '../../../device/drivers/catalog.ts';
import type { Driver } from '../../../device/drivers/driver.ts';
import { driverBench } from '../../support/driver-bench.ts';

const CONVERTER: Converter = {
  inputs: ['a0', 'a1', 'a0-a1'],
  usual: ['a0', 'a1'],
  shows: [0, 4.096],
  decimals: 4,
};
const one = (row: Record<string, unknown>) => {
  const [input] = analogInputs({ inputs: [{ input: 'a0', ...row }] }, CONVERTER);
  if (!input) throw new Error('no input');
  return input;
};

describe('an analog input', () => {
  it('is its voltage when nothing is said', () => {
    const inputs = analogInputs({}, CONVERTER);
    expect(inputs.map(({ declared }) => declared)).toEqual([
      { channel: 'a0', quantity: 'voltage', decimals: 4, plausible: [0, 4.096] },
      { channel: 'a1', quantity: 'voltage', decimals: 4, plausible: [0, 4.096] },
    ]);
    expect(inputs[0]?.convert(1.25)).toBe(1.25);
  });

  it('is soil moisture by two points, falling with the voltage', () => {
    const soil = one({
      quantity: 'moisture',
      scale: [
        [2.8, 0],
        [1.2, 100],
      ],
    });
    expect([2.8, 2, 1.2].map(soil.convert)).toEqual([0, expect.closeTo(50, 9), 100]);
    // what the input can show, not the two points: a probe that is drier than dry is still one
    expect(soil.declared).toMatchObject({ quantity: 'moisture', decimals: 1 });
    expect(soil.declared.plausible[0]).toBeCloseTo(-81, 0);
    expect(soil.declared.plausible[1]).toBeCloseTo(175, 0);
    expect(
      one({
        quantity: 'moisture',
        scale: [
          [2.8, 0],
          [1.2, 100],
        ],
        plausible: [0, 100],
      }).declared.plausible,
    ).toEqual([0, 100]);
  });

  it('is a level by a 4–20 mA loop, and missing where the wire is broken or shorted', () => {
    const level = one({ quantity: 'length', loop: { shuntOhm: 150, at4mA: 0, at20mA: 6 } });
    expect(level.convert(0.6)).toBeCloseTo(0, 9);
    expect(level.convert(1.8)).toBeCloseTo(3, 9);
    expect(level.convert(3)).toBeCloseTo(6, 9);
    expect(level.convert(0.0035 * 150)).toBeNaN();
    expect(level.convert(0.0211 * 150)).toBeNaN();
    // 3.8 to 20.5 mA measure (NAMUR NE 43), beyond is suspect until it is broken
    expect(level.declared.plausible).toEqual([expect.closeTo(-0.075, 9), expect.closeTo(6.1875, 9)]);
    expect(level.convert(0.0037 * 150)).toBeLessThan(level.declared.plausible[0]);
  });

  it.each([
    ['no list', { inputs: 'a0' }, 'options.inputs'],
    ['an input that is not there', { inputs: [{ input: 'a9' }] }, 'must be one of a0, a1, a0-a1'],
    [
      'one channel twice',
      { inputs: [{ input: 'a0' }, { input: 'a1', channel: 'a0' }] },
      '"a0" is used twice',
    ],
    ['a quantity that is none', { inputs: [{ input: 'a0', quantity: 'love' }] }, 'options.inputs.0.quantity'],
    [
      'a scale of one point',
      {
        inputs: [
          {
            input: 'a0',
            scale: [
              [1, 0],
              [1, 9],
            ],
          },
        ],
      },
      'two different points',
    ],
    [
      'scale and loop',
      {
        inputs: [
          {
            input: 'a0',
            scale: [
              [0, 0],
              [1, 1],
            ],
            loop: { shuntOhm: 1, at4mA: 0, at20mA: 1 },
          },
        ],
      },
      'not both',
    ],
    ['a range upside down', { inputs: [{ input: 'a0', plausible: [5, 1] }] }, 'options.inputs.0.plausible'],
  ])('of %s is refused in words', (_, options, words) => {
    expect(() => analogInputs(options, CONVERTER)).toThrow(words);
    expect(() => analogInputs(options, CONVERTER)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('a converter on its bus', () => {
  const ads1115 = driverById('ads1115') as Driver;
  const inputs = [
    {
      input: 'a0',
      channel: 'soil',
      quantity: 'moisture',
      scale: [
        [2.8, 0],
        [1.2, 100],
      ],
    },
    { input: 'a1', channel: 'tank', quantity: 'length', loop: { shuntOhm: 150, at4mA: 0, at20mA: 6 } },
    { input: 'a2-a3', channel: 'bridge', range: 0.256, decimals: 6 },
  ];

  it('measures each input as it is declared, and one broken loop spoils no other', async () => {
    const here = driverBench(ads1115, { options: { inputs } });
    here.chip.hold('a0', 2);
    here.chip.hold('a1', 1.8);
    here.chip.hold('a2', 1.1);
    here.chip.hold('a3', 1);
    const sensor = await here.open();
    const { values } = await here.read(sensor);
    expect(values).toEqual([expect.closeTo(50, 1), expect.closeTo(3, 3), expect.closeTo(0.1, 5)]);
    here.chip.hold('a1', 0.2);
    expect((await here.read(sensor)).values).toEqual([values[0], Number.NaN, values[2]]);
  });

  it('refuses a range that the chip does not have', async () => {
    const here = driverBench(ads1115, { options: { inputs: [{ input: 'a0', range: 12 }] } });
    await expect(here.open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('of ten bits measures single and neighbouring inputs', async () => {
    const here = driverBench(driverById('mcp3008') as Driver, {
      options: { vref: 3.3, inputs: [{ input: 'a5' }, { input: 'a2-a3' }, { input: 'a3-a2' }] },
    });
    for (const [name, volts] of [
      ['a5', 1],
      ['a2', 2],
      ['a3', 1.5],
    ] as const)
      here.chip.hold(name, volts);
    const { values } = await here.read(await here.open());
    // a difference below zero is zero in this chip
    expect(values).toEqual([expect.closeTo(1, 2), expect.closeTo(0.5, 2), 0]);
  });
});
