/**
 * Values that are hard to believe, and values that were corrected, as a person meets them who uses the command line on a
 * virtual device: each says so where it is read and where it is saved. A value that is stuck needs ten minutes to be so:
 * tests/device/sensors/reading-quality.test.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCsv } from '../support/parse-csv.ts';
import { runMuster } from '../support/run-muster.ts';
import { until } from '../support/until.ts';
import { VirtualSite } from '../support/virtual-site.ts';

const CONFIG = `version: 1
announce: { by: self, sshPort: PORT }
buses:
  - id: i2c-1
    kind: sim
    chips:
      - { chip: bmp280, address: 0x77, pressure: { mean: 112000, swing: 0 } }
      - { chip: tmp102, address: 0x48, temperature: { mean: 20, swing: 0 } }
  - id: w1
    kind: sim-w1
    chips: [{ chip: ds18b20, rom: 28-0316a2797f3c, temperature: { mean: 85, swing: 0 } }]
sensors:
  - { id: high, driver: bmp280, bus: i2c-1, address: 0x77, periodMs: 500 }
  - { id: pipe, driver: ds18b20, bus: w1, periodMs: 1000 }
  - { id: gone, driver: tmp102, bus: i2c-1, address: 0x49, periodMs: 500 }
  - id: well
    driver: tmp102
    bus: i2c-1
    address: 0x48
    periodMs: 500
    calibration: [{ channel: temperature, by: Ada, at: 2026-05-03, offset: 0.5, scale: 2 }]
`;

describe('values that are hard to believe or corrected', () => {
  let site: VirtualSite;
  let name: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    site = await VirtualSite.open(1);
    const { handlers } = site.engine;
    const [device = ''] = site.devices;
    const { devices } = await handlers['fleet.snapshot']({});
    const record = devices.find(({ id }) => id === device)!;
    ({ name } = record);
    const text = CONFIG.replace('PORT', String(record.addresses[0]!.port));
    // a sensor that nobody answers for is part of the story
    const { job } = await handlers['config.apply']({ device, text, base: null, keep: true });
    await site.engine.jobEnded(job);
    env = site.laptop();
    await until(
      async () =>
        (await handlers['channels.list']({ device })).channels.some(({ sensor }) => sensor === 'pipe'),
      'the first readings',
      30_000,
    );
  }, 240_000);
  afterAll(() => site.close(), 60_000);

  it('say so while they are watched', async () => {
    const { code, stdout } = await runMuster(['watch', name, '--seconds', '5'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/high\/pressure {2}112\d{3} Pa {2}suspect/);
    expect(stdout).toMatch(/pipe\/temperature {2}85\.00 Cel {2}suspect/);
    expect(stdout).toMatch(/gone\/temperature {2}– Cel {2}missing/);
    expect(stdout).toMatch(/well\/temperature {2}40\.50 Cel$/m);
  }, 60_000);

  it('say so in a CSV, and what the chip said can be reckoned back', async () => {
    const out = join(site.home.folder, 'out.csv');
    expect(await runMuster(['export', '--out', out], env)).toMatchObject({ code: 0 });
    const [header = [], ...rows] = parseCsv(readFileSync(out, 'utf8'));
    const cell = (row: string[], column: string) => row[header.indexOf(column)];
    const of = (sensor: string, channel: string) =>
      rows.filter((row) => cell(row, 'sensor') === sensor && cell(row, 'channel') === channel);
    const qualities = (sensor: string, channel: string) => [
      ...new Set(of(sensor, channel).map((row) => cell(row, 'quality'))),
    ];
    expect(qualities('high', 'pressure')).toEqual(['suspect']);
    expect(qualities('pipe', 'temperature')).toEqual(['suspect']);
    expect(qualities('gone', 'temperature')).toEqual(['missing']);
    const [well = []] = of('well', 'temperature');
    expect(['scale', 'offset', 'calibrated_by', 'calibrated_at'].map((column) => cell(well, column))).toEqual(
      ['2', '0.5', 'Ada', '2026-05-03'],
    );
    const said = (Number(cell(well, 'value')) - Number(cell(well, 'offset'))) / Number(cell(well, 'scale'));
    expect(said).toBeCloseTo(20, 6);
    expect(cell(of('high', 'pressure')[0] ?? [], 'scale')).toBe('');
  }, 60_000);
});
