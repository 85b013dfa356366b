/**
 * The whole way over real parts: the engine, SSH servers, the installed daemon, its boot guard and supervising script.
 * Two devices are taken through their life, so the steps stand in order.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readFw } from '../../../src/core/nerves/fw-file.ts';
import { fwBytes } from '../../support/fw-file.ts';
import { need } from '../../support/need.ts';
import { PASSWORD, startNervesDevice } from '../../support/nerves-device.ts';
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
    const { files, rows: foretold } = await site.engine.handlers['campaign.preview']({
      paths: [path],
      devices: site.devices,
    });
    expect(files[0]!.signatures).toMatchObject([{ name: 'workshop', good: true }]);
    expect(foretold.map(({ verdict }) => verdict)).toEqual(['update', 'update']);
    const { rows, state: ended } = await site.ended(await site.push(path));
    expect(rows).toMatchObject([
      { stage: 'confirmed', error: null, rollsBack: 'yes' },
      { stage: 'confirmed', error: null, rollsBack: 'yes' },
    ]);
    expect(ended).toBe('done');
    for (const device of site.devices) {
      await until(
        async () => (await state(device).catch(() => null))?.last?.manifest === files[0]!.identity,
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
    const { rows } = await site.engine.handlers['campaign.preview']({ paths: [path], devices: site.devices });
    expect(rows.map(({ verdict }) => verdict)).toEqual(['refused', 'refused']);
    expect(rows[0]?.reason).toMatch(/does not take firmware signed by/);
    await writeTestBundle(path);
    const unsigned = await site.engine.handlers['campaign.preview']({ paths: [path], devices: site.devices });
    expect(unsigned.rows[0]).toMatchObject({
      verdict: 'refused',
      reason: 'This firmware carries no signature.',
    });
  });

  it.skipIf(!need('erlang-ssh', 'ssh'))(
    'goes out together with the firmware of a Nerves device',
    async () => {
      const { handlers } = site.engine;
      const bundle = await site.bundle('1.6.0');
      const fw = join(site.home.folder, 'weather.fw');
      writeFileSync(fw, fwBytes({ resources: [{ name: 'rootfs.img', data: randomBytes(200_000) }] }));
      const { uuid } = await readFw(fw);
      const mast = await startNervesDevice({ newUuid: uuid });
      onTestFinished(() => mast.stop());
      const { device } = await handlers['fleet.addAddress']({ host: '127.0.0.1', port: mast.port });
      const login = { user: 'anyone', password: PASSWORD };
      await handlers['nerves.inspect']({ device, login, trust: mast.hostKeySha256, addKey: true });

      const devices = [site.devices[0]!, device];
      const { files, rows } = await handlers['campaign.preview']({ paths: [bundle, fw], devices });
      expect(files.map(({ kind }) => kind)).toEqual(['muster', 'nerves']);
      expect(rows).toMatchObject([
        { verdict: 'update', file: 0 },
        { verdict: 'update', file: 1, from: '1.1.0' },
      ]);

      const order = { canary: 1, cap: 8, maxFailures: 1 };
      const { campaign } = await handlers['campaign.start']({ paths: [bundle, fw], devices, ...order });
      const ended = await site.ended(campaign, 180_000);
      expect(ended.rows).toMatchObject([
        { stage: 'confirmed', file: 0, error: null },
        { stage: 'confirmed', file: 1, error: null },
      ]);
      expect(ended.state).toBe('done');
    },
  );

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
