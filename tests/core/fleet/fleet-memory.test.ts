import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { settle } from '../../support/fake-clock.ts';
import { FleetSite } from '../../support/fleet-site.ts';

const key = (sha256: string) => ({ sha256, type: 'ssh-ed25519', words: 'one two', trustedAt: 1 });
const link = (state: DeviceRecord['link']['state'], code?: 'HOST_UNREACHABLE' | 'CONNECTION_LOST') => ({
  state,
  since: 1,
  nextAttemptAt: null,
  behind: null,
  reconnects: 0,
  error: code ? { code, message: '', details: {}, retryable: true } : null,
});

let site: FleetSite;
beforeEach(() => {
  site = new FleetSite();
});
afterEach(() => site.end());

describe('typed addresses', () => {
  it('are kept when they answer, and remembered', async () => {
    site.reachable.add('well.example');
    const id = await site.fleet.addAddress('well.example', 2222);
    expect(site.fleet.get(id)).toMatchObject({
      name: 'well.example',
      presence: 'nearby',
      addresses: [{ host: 'well.example', port: 2222, via: 'typed', interface: null }],
    });
    await site.restart();
    expect(site.fleet.get(id)).toMatchObject({ presence: 'unknown', addresses: [{ via: 'typed' }] });
    await settle();
    expect(site.fleet.get(id)?.presence).toBe('nearby');
  });

  it('leave nothing behind when they do not', async () => {
    await expect(site.fleet.addAddress('nobody.example', 22)).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
    expect(site.fleet.snapshot()).toEqual([]);
    expect(site.events).toEqual([]);
  });

  it('join the row of a box that is announced, before or after', async () => {
    site.reachable.add('10.0.0.7').add('pump.local');
    const id = site.see();
    expect(await site.fleet.addAddress('10.0.0.7', 22)).toBe(id);
    site.see();
    expect(site.fleet.get(id)?.addresses).toMatchObject([{ host: '10.0.0.7', via: 'typed' }]);
    await site.fleet.forget(id);
    const typed = await site.fleet.addAddress('pump.local', 22);
    expect(site.see()).toBe(typed);
  });
});

describe('memory', () => {
  it('remembers one’s own devices and no others, without their links', async () => {
    const mine = site.see();
    site.see({ host: 'stranger.local', instance: 'stranger', addresses: ['10.0.0.9'] });
    site.fleet.update(mine, { mine: true, hostKey: key('SHA256:a'), user: 'pi', link: link('live') });
    await site.restart();
    expect(site.fleet.snapshot()).toMatchObject([
      {
        id: mine,
        name: 'pump',
        presence: 'unknown',
        hostKey: { sha256: 'SHA256:a' },
        user: 'pi',
        link: { state: 'off' },
        addresses: [{ host: '10.0.0.7', via: 'remembered', interface: null }],
      },
    ]);
  });

  it('does not write a file for signs of life', async () => {
    const mine = site.see();
    site.fleet.update(mine, { mine: true });
    await site.clock.advance(10);
    const path = join(site.dir, `${mine}.json`);
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 50; i++) {
      site.see();
      await site.clock.advance(1000);
    }
    await site.fleet.stop();
    const { device } = JSON.parse(readFileSync(path, 'utf8')) as { device: DeviceRecord };
    expect(device.lastSeen).toBeLessThan(site.clock.wall() - 45_000);
  });

  it('forgets for good', async () => {
    const mine = site.see();
    site.fleet.update(mine, { mine: true, hostKey: key('SHA256:a') });
    await site.fleet.forget(mine);
    expect(site.events.at(-1)).toEqual(['deviceGone', { id: mine }]);
    const again = site.see();
    expect(site.fleet.get(again)).toMatchObject({ mine: false, hostKey: null });
    expect(await site.files()).toEqual([]);
  });
});
