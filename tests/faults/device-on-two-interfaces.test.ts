import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { FleetSite } from '../support/fleet-site.ts';
import { musterSighting, sightingOf } from '../support/sightings.ts';

const ID = '0f0e0d0c-0b0a-4908-8706-050403020100';

/** A device on cable and Wi-Fi, a laptop on both. tests/core/discovery/avahi.test.ts does the same with real links. */
describe('device-on-two-interfaces', () => {
  let site: FleetSite;
  beforeEach(() => {
    site = new FleetSite();
  });
  afterEach(() => site.end());

  const cable = { addresses: ['10.0.0.7', 'fe80::7%eth0'], interface: 'eth0' };
  const wifi = { addresses: ['10.1.0.7', 'fe80::8%wlan0'], interface: 'wlan0' };
  const at = () => site.clock.wall();

  it.each([
    ['a daemon', (where: typeof cable) => musterSighting(ID, { ...where, at: at() })],
    ['a plain SSH host', (where: typeof cable) => sightingOf({ ...where, at: at() })],
  ])('is one row with the addresses of both, IPv4 first: %s', (_what, sighting) => {
    const id = site.fleet.sighting(sighting(cable));
    expect(site.fleet.sighting(sighting(wifi))).toBe(id);
    expect(site.fleet.sighting(sighting(cable))).toBe(id);
    expect(site.fleet.snapshot()).toHaveLength(1);
    const addresses = site.fleet.get(id!)!.addresses.map(({ host, interface: on }) => `${host} ${on}`);
    expect(addresses.slice(0, 2).toSorted()).toEqual(['10.0.0.7 eth0', '10.1.0.7 wlan0']);
    expect(addresses.slice(2).toSorted()).toEqual(['fe80::7%eth0 eth0', 'fe80::8%wlan0 wlan0']);
  });

  it('stays nearby when one of the two says goodbye or goes down', async () => {
    const id = site.fleet.sighting(sightingOf({ ...cable, at: at() }))!;
    site.fleet.sighting(sightingOf({ ...wifi, at: at() }));
    site.fleet.sighting(sightingOf({ ...cable, at: at(), goodbye: true }));
    expect(site.fleet.get(id)?.presence).toBe('nearby');
    site.fleet.interfaceLost('eth0');
    await settle();
    expect(site.probed).toEqual([]);
    expect(site.fleet.get(id)?.presence).toBe('nearby');
    site.fleet.sighting(sightingOf({ ...wifi, at: at(), goodbye: true }));
    expect(site.fleet.get(id)?.presence).toBe('offline');
  });

  it('is found by the second address when the first is dead', async () => {
    const id = site.fleet.sighting(sightingOf({ ...cable, at: at() }))!;
    site.fleet.sighting(sightingOf({ ...wifi, at: at() }));
    site.reachable.add('10.1.0.7');
    await site.clock.advance(160_000);
    expect(site.fleet.get(id)?.presence).toBe('nearby');
    site.reachable.clear();
    await site.clock.advance(310_000);
    expect(site.fleet.get(id)?.presence).toBe('offline');
  });
});
