/** `muster scan` as a person runs it, against a virtual device: SSH, daemon and supervising script are real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LookedAt } from '../../src/cli/scan-text.ts';
import { runMuster } from '../support/run-muster.ts';
import { until } from '../support/until.ts';
import { VirtualSite } from '../support/virtual-site.ts';

describe('muster scan', () => {
  let site: VirtualSite;
  let name: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    site = await VirtualSite.open(1);
    const { devices } = await site.engine.handlers['fleet.snapshot']({});
    name = devices.find(({ id }) => id === site.devices[0])!.name;
    env = site.laptop();
  }, 180_000);
  afterAll(() => site.close(), 60_000);

  const muster = (...args: string[]) => runMuster(['scan', name, ...args], env);
  const looks = async (...args: string[]) => {
    const { code, stdout, stderr } = await muster('--json', ...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return (JSON.parse(stdout) as { buses: LookedAt[] }).buses;
  };

  it('lists what answers, what measures, and how to measure the rest', async () => {
    const { code, stdout } = await muster();
    expect(code).toBe(0);
    expect(stdout).toContain('4 chips found, 1 of them not measured yet.');
    expect(stdout).toMatch(/0x44\s+sht4x \(.*\)\s+not yet/);
    expect(stdout).toMatch(/0x76\s+bme280\s+as air/);
    expect(stdout).toContain(`muster scan ${name} --add 0x44=sht4x`);
  }, 60_000);

  it('names the buses there are when another is asked for, and what is wrong with an addition', async () => {
    const missing = await muster('i2c-7');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('there are: i2c-1');
    for (const [place, words] of [
      ['0x77', 'nobody answers at 0x77'],
      ['0x76', '0x76 is measured already, as air'],
    ] as const) {
      const refused = await muster('--add', place, '--yes');
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(words)]);
    }
  }, 90_000);

  it('adds a chip by a trial of the configuration, and then it measures', async () => {
    const added = await muster('i2c-1', '--add', '0x44', '--yes');
    expect(added).toMatchObject({ code: 0 });
    expect(added.stdout).toContain('+     driver: sht4x');
    expect(added.stdout).toContain('+     address: 0x44');
    expect(added.stdout).toContain('at 0x44');
    await until(
      async () => {
        const [bus] = await looks('i2c-1');
        return bus?.found.find(({ place }) => place === '0x44')?.sensors[0]?.sensor === 'sht4x';
      },
      'the sensor',
      60_000,
    );
    const { code, stdout } = await runMuster(['status', name], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sht4x/i);
  }, 150_000);
});
