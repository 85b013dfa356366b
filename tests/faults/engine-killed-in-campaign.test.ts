import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { campaignSchema, type Campaign } from '../../src/shared/campaign.ts';
import { CuttingProxy, lackedBytes } from '../support/slotted-push.ts';
import { QUICK, SlottedDevice } from '../support/slotted-device.ts';
import { until } from '../support/until.ts';

const CHILD = new URL('../support/campaign-child.ts', import.meta.url).pathname;
const BYTES = 3_000_000;

describe('an engine that is killed in the middle of a push', { timeout: 240_000 }, () => {
  it('goes on when it is started again: sends nothing twice, and follows who may have restarted', async () => {
    const device = await SlottedDevice.make();
    device.start();
    await device.measures();
    const proxy = new CuttingProxy(
      join(device.path, 'proxy.sock'),
      join(device.path, 'run/muster/muster.sock'),
    );
    const { device: who } = await device.ask((client) =>
      client.call.hello({ protocol: 1, client: 'test', clientVersion: '0' }),
    );
    device.config({ ...QUICK, steadyMs: 2500 });

    /** Moments to kill it at: of what goes to the device, or of what the campaign's file says. */
    const moments: [string, (bytes: Buffer, campaign: () => Campaign | null) => boolean][] = [
      ['sending', () => proxy.passed > BYTES / 2],
      ['told to install', (bytes) => bytes.includes('installFirmware')],
      ['on trial', (_, campaign) => campaign()?.rows[0]?.stage === 'trial'],
    ];
    for (const [i, [moment, now]] of moments.entries()) {
      const version = `2.0.${i}`;
      const files = { 'muster-daemon.mjs': await device.daemon(), 'lib/data.bin': randomBytes(BYTES) };
      const path = await device.bundle({ version, files });
      const dir = join(device.path, `laptop-${i}`);
      mkdirSync(dir);
      const campaign = (): Campaign | null => {
        const name = existsSync(dir) && readdirSync(dir).find((one) => /^push-.*\.json$/.test(one));
        if (!name) return null;
        return campaignSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')).campaign);
      };
      const engine = (how: string) => {
        const child = spawn(process.execPath, [CHILD, dir, path, proxy.path, who.id, how], {
          stdio: 'inherit',
        });
        return { child, gone: new Promise<number | null>((resolve) => child.once('exit', resolve)) };
      };

      proxy.passed = 0;
      const first = engine('start');
      const look = (bytes: Buffer) => now(bytes, campaign) && first.child.kill('SIGKILL');
      proxy.onBytes = look;
      const looking = setInterval(() => look(Buffer.alloc(0)), 20);
      const code = await first.gone;
      clearInterval(looking);
      proxy.onBytes = () => {};
      expect([moment, code]).toEqual([moment, null]);
      expect(campaign()).toMatchObject({ state: 'running', endedAt: null });

      const lacked = await lackedBytes(device, path);
      proxy.passed = 0;
      const second = engine('resume');
      await until(
        () => campaign()?.endedAt !== null,
        () => `the end, killed when ${moment}: ${JSON.stringify(campaign())}`,
        90_000,
      );
      expect(await second.gone).toBe(0);
      expect(campaign()).toMatchObject({ state: 'done', rows: [{ stage: 'confirmed', error: null }] });
      const { running, slots } = await device.firmware();
      expect(slots.find(({ slot }) => slot === running)?.version).toBe(version);
      // offers and questions besides
      expect(proxy.passed - lacked).toBeLessThan(60_000);
      expect(readdirSync(dir).filter((name) => name.endsWith('.owner'))).toEqual([]);
    }
  });
});
