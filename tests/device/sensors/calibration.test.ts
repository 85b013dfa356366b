/** Calibration: the line a person's measurements make, what the configuration takes, what it refuses. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../device/config.ts';
import { calibrationLine, calibrationsOf } from '../../../device/sensors/calibration.ts';

const who = { channel: 'temperature', by: 'Ada', at: '2026-05-03' };

describe('a calibration', () => {
  it('is offset and scale as given, each the neutral one where left out', () => {
    expect(calibrationLine({ ...who, offset: -0.3 })).toEqual({
      scale: 1,
      offset: -0.3,
      by: 'Ada',
      at: '2026-05-03',
    });
    expect(calibrationLine({ ...who, scale: 1.02 })).toMatchObject({ scale: 1.02, offset: 0 });
  });

  it('of ice and steam puts a thermometer right at both, and between', () => {
    const { scale, offset } = calibrationLine({
      ...who,
      points: [
        [0.4, 0],
        [99.1, 100],
      ],
    });
    expect(0.4 * scale + offset).toBeCloseTo(0, 9);
    expect(99.1 * scale + offset).toBeCloseTo(100, 9);
    expect(49.75 * scale + offset).toBeCloseTo(50, 9);
  });

  it('goes through whatever two points it was made of', () => {
    const value = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(value, value, value, value, (low, trueLow, high, trueHigh) => {
        fc.pre(Math.abs(high - low) > 1e-3);
        const { scale, offset } = calibrationLine({
          ...who,
          points: [
            [low, trueLow],
            [high, trueHigh],
          ],
        });
        const near = 1e-6 * (1 + Math.abs(scale)) * (1 + Math.abs(low) + Math.abs(high));
        expect(Math.abs(low * scale + offset - trueLow)).toBeLessThan(near);
        expect(Math.abs(high * scale + offset - trueHigh)).toBeLessThan(near);
      }),
    );
  });

  it('belongs to its channel, and to one there is', () => {
    const lines = calibrationsOf([{ ...who, offset: 1 }], ['humidity', 'temperature']);
    expect(lines[0]).toBeNull();
    expect(lines[1]).toMatchObject({ offset: 1 });
    expect(() => calibrationsOf([{ ...who, offset: 1 }], ['humidity'])).toThrow(
      'there is no channel temperature; there are: humidity',
    );
  });
});

describe('calibration in a configuration', () => {
  const parse = (calibration: string) =>
    parseConfig(`version: 1
sensors:
  - id: air
    driver: load
    calibration: ${calibration}
`).sensors?.[0]?.calibration;

  it('is taken with a date, or a date and a time with its zone', () => {
    expect(parse('[{ channel: t, by: Ada, at: "2026-05-03", offset: -0.3 }]')).toEqual([
      { channel: 't', by: 'Ada', at: '2026-05-03', offset: -0.3 },
    ]);
    expect(
      parse('[{ channel: t, by: Ada, at: "2026-05-03T10:00:00+02:00", points: [[0, 1], [2, 3]] }]'),
    ).toHaveLength(1);
  });

  it.each([
    ['nobody', '[{ channel: t, at: "2026-05-03", offset: 1 }]', 'sensors.0.calibration.0.by'],
    ['no date', '[{ channel: t, by: Ada, at: yesterday, offset: 1 }]', 'sensors.0.calibration.0.at'],
    ['nothing to correct', '[{ channel: t, by: Ada, at: "2026-05-03" }]', 'needs either points'],
    [
      'points and an offset',
      '[{ channel: t, by: Ada, at: "2026-05-03", offset: 1, points: [[0, 1], [2, 3]] }]',
      'needs either points',
    ],
    [
      'one point twice',
      '[{ channel: t, by: Ada, at: "2026-05-03", points: [[1, 1], [1, 3]] }]',
      'two different readings',
    ],
    ['a scale of zero', '[{ channel: t, by: Ada, at: "2026-05-03", scale: 0 }]', 'calibration.0.scale'],
    [
      'a channel twice',
      '[{ channel: t, by: Ada, at: "2026-05-03", offset: 1 }, { channel: t, by: Ada, at: "2026-05-04", offset: 2 }]',
      'names a channel twice',
    ],
  ])('of %s is refused in words', (_, calibration, words) => {
    expect(() => parse(calibration)).toThrow(words);
  });
});
