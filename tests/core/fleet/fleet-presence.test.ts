import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENCE_MS } from '../../../src/core/fleet/presence-machine.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { settle } from '../../support/fake-clock.ts';
import { FleetSite } from '../../support/fleet-site.ts';

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

describe('presence', () => {
  it('is offline after a goodbye of all services, and comes back', () => {
    const id = site.see();
    site.see({ goodbye: true });
    expect(site.fleet.get(id)?.presence).toBe('offline');
    expect(site.see()).toBe(id);
    expect(site.fleet.get(id)?.presence).toBe('nearby');
  });

  it('probes a silent device over its addresses before it calls it offline', async () => {
    const id = site.see({ addresses: ['10.0.0.7', 'fe80::7%eth0'] });
    await site.clock.advance(SILENCE_MS - 1);
    expect(site.probed).toEqual([]);
    site.reachable.add('fe80::7%eth0');
    await site.clock.advance(10_000);
    expect(site.probed).toEqual(['10.0.0.7:22', 'fe80::7%eth0:22']);
    expect(site.fleet.get(id)?.presence).toBe('nearby');
    site.reachable.clear();
    await site.clock.advance(2 * SILENCE_MS);
    expect(site.fleet.get(id)?.presence).toBe('offline');
  });

  it('probes at once what was seen on a network that is gone', async () => {
    const here = site.see();
    const both = site.see({ host: 'both.local', instance: 'both', addresses: ['10.0.0.8'] });
    site.see({ host: 'both.local', instance: 'both', addresses: ['10.1.0.8'], interface: 'wlan0' });
    site.fleet.interfaceLost('eth0');
    await settle();
    expect(site.probed).toEqual(['10.0.0.7:22']);
    expect(site.fleet.get(here)?.presence).toBe('offline');
    expect(site.fleet.get(both)?.presence).toBe('nearby');
  });

  it('takes the link for evidence', async () => {
    const id = site.see();
    site.fleet.update(id, { link: link('live') });
    await site.clock.advance(SILENCE_MS * 3);
    expect(site.probed).toEqual([]);
    site.fleet.update(id, { link: link('waiting', 'CONNECTION_LOST') });
    await settle();
    expect(site.probed).toEqual(['10.0.0.7:22']);
    expect(site.fleet.get(id)?.presence).toBe('offline');
    site.fleet.update(id, { link: link('live') });
    expect(site.fleet.get(id)?.presence).toBe('nearby');
    site.fleet.update(id, { link: link('waiting', 'HOST_UNREACHABLE') });
    expect(site.fleet.get(id)?.presence).toBe('offline');
  });

  it('drops a stranger that has been gone for ten minutes, and keeps one’s own', async () => {
    const stranger = site.see();
    const mine = site.see({ host: 'mine.local', instance: 'mine', addresses: ['10.0.0.1'] });
    site.fleet.update(mine, { mine: true });
    site.see({ goodbye: true });
    await site.clock.advance(1_200_000);
    expect(site.fleet.snapshot().map(({ id }) => id)).toEqual([mine]);
    expect(site.events).toContainEqual(['deviceGone', { id: stranger }]);
  });

  it('looks again when asked', async () => {
    site.see();
    site.fleet.refresh();
    await settle();
    expect(site.probed).toEqual(['10.0.0.7:22']);
  });
});
