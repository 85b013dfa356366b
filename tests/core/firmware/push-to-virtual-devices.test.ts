/**
 * The whole way over real parts: the engine, SSH servers, the installed daemon, its boot guard and supervising script.
 * Two devices are taken through their life, so the steps stand in order.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMuster } from '../../support/run-muster.ts';
import { until } from '../../support/until.ts';
import { VirtualSite } from '../../support/virtual-site.ts';

let site: VirtualSite;
beforeAll(async () => {
  site = await VirtualSite.open(2);
}, 180_000);
afterAll(() => site.close(), 60_000);

const state = async (device: string) => site.engine.handlers['firmware.state']({ device });

describe('firmware on virtual devices', { timeout: 180_000 }, () => {
  it('is foretold, pushed to a canary and then to the other, and kept', async () => {
    const path = await site.bundle('1.4.0');
    const { firmware, rows: foretold } = await site.engine.handlers['campaign.preview']({
      path,
      devices: site.devices,
    });
    expect(firmware.signatures).toMatchObject([{ name: 'workshop', good: true }]);
    expect(foretold.map(({ verdict }) => verdict)).toEqual(['update', 'update']);
    const { rows, state: ended } = await site.ended(await site.push(path));
    expect(rows).toMatchObject([
      { stage: 'confirmed', error: null, rollsBack: 'yes' },
      { stage: 'confirmed', error: null, rollsBack: 'yes' },
    ]);
    expect(ended).toBe('done');
    for (const device of site.devices) {
      await until(
        async () => (await state(device).catch(() => null))?.last?.manifest === firmware.identity,
        'the link to be back',
        30_000,
      );
      const now = await state(device);
      expect(now.slots.find(({ slot }) => slot === now.running)).toMatchObject({ version: '1.4.0' });
    }
  });

  it('is rolled back when it does not start, with its reason in the row, and nobody else gets it', async () => {
    const path = await site.bundle('1.5.0', 'process.exit(3);');
    const { rows, state: ended, reason } = await site.ended(await site.push(path));
    expect(ended).toBe('stopped');
    expect(reason).toBe('1 of 2 devices failed');
    expect(rows[0]).toMatchObject({
      stage: 'rolled-back',
      from: '1.4.0',
      detail: 'it ended by itself, 2 times, before it had proved itself',
      error: { code: 'FIRMWARE_ROLLED_BACK' },
    });
    expect(rows[1]).toMatchObject({ stage: 'cancelled' });
    const [first, second] = site.devices;
    for (const device of [first!, second!]) {
      await site.engine.linked(device, 30_000);
      const now = await state(device);
      expect(now.slots.find(({ slot }) => slot === now.running)).toMatchObject({ version: '1.4.0' });
    }
  });

  it('is not taken from a stranger, and that is said before anything is sent', async () => {
    const { writeTestBundle, testKey } = await import('../../support/firmware.ts');
    const path = `${site.home.folder}/stranger.muster`;
    await writeTestBundle(path, { keys: [testKey('stranger')] });
    const { rows } = await site.engine.handlers['campaign.preview']({ path, devices: site.devices });
    expect(rows.map(({ verdict }) => verdict)).toEqual(['refused', 'refused']);
    expect(rows[0]?.reason).toMatch(/does not take firmware signed by/);
    await writeTestBundle(path);
    const unsigned = await site.engine.handlers['campaign.preview']({ path, devices: site.devices });
    expect(unsigned.rows[0]).toMatchObject({
      verdict: 'refused',
      reason: 'This firmware carries no signature.',
    });
  });

  it('is in the history that the command line tells', async () => {
    const { code, stdout } = await runMuster(
      ['firmware', 'history', '--site', site.places.site],
      site.home.env,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('2 of 2 run muster 1.4.0.');
    expect(stdout).toContain('1 went back to what they ran; 1 left as they were');
  });
});
