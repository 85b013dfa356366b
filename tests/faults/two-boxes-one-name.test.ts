import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FleetSite } from '../support/fleet-site.ts';
import { musterSighting, sightingOf } from '../support/sightings.ts';

const ONE = '0f0e0d0c-0b0a-4908-8706-050403020100';
const TWO = '1f0e0d0c-0b0a-4908-8706-050403020100';

/** Two cards from one image, both `raspberrypi`. mdns_lite and bonjour-service do not rename the second; avahi does. */
describe('two-boxes-one-name', () => {
  let site: FleetSite;
  beforeEach(() => {
    site = new FleetSite();
  });
  afterEach(() => site.end());

  const see = (address: string, at = 0) =>
    site.fleet.sighting(
      sightingOf({ host: 'raspberrypi.local', addresses: [address], at: site.clock.wall() + at }),
    )!;
  const hosts = () => site.fleet.snapshot().map(({ addresses }) => addresses.map(({ host }) => host));

  it('shows two rows when both answer one question', () => {
    expect(see('10.0.0.7')).not.toBe(see('10.0.0.8', 40));
    expect(hosts()).toEqual([['10.0.0.7'], ['10.0.0.8']]);
  });

  it('parts them when the second seemed at first to be the first at a new address', async () => {
    const first = see('10.0.0.7');
    await site.clock.advance(60_000);
    expect(see('10.0.0.8')).toBe(first);
    // The next question draws out both.
    await site.clock.advance(60_000);
    const a = see('10.0.0.7');
    const b = see('10.0.0.8', 40);
    expect(a).not.toBe(b);
    expect(hosts()).toHaveLength(2);
    expect(hosts().flat().toSorted()).toEqual(['10.0.0.7', '10.0.0.8']);
    await site.clock.advance(60_000);
    expect([see('10.0.0.7'), see('10.0.0.8', 40)]).toEqual([a, b]);
  });

  it('never mixes two daemons, on whatever network they are', () => {
    const announce = (id: string, address: string, on: string) =>
      site.fleet.sighting(musterSighting(id, { addresses: [address], interface: on, at: site.clock.wall() }));
    announce(ONE, '10.0.0.7', 'eth0');
    announce(TWO, '10.1.0.7', 'wlan0');
    announce(ONE, '10.0.0.7', 'eth0');
    expect(site.fleet.snapshot().map(({ id }) => id)).toEqual([ONE, TWO]);
    expect(hosts()).toEqual([['10.0.0.7'], ['10.1.0.7']]);
  });

  it('keeps trust with the box it was given to', () => {
    const first = see('10.0.0.7');
    const hostKey = { sha256: 'SHA256:a', type: 'ssh-ed25519', words: 'one two', trustedAt: 1 };
    site.fleet.update(first, { mine: true, hostKey });
    const second = see('10.0.0.8', 40);
    expect(site.fleet.get(second)).toMatchObject({ mine: false, hostKey: null });
    expect(site.fleet.get(first)).toMatchObject({ mine: true, addresses: [{ host: '10.0.0.7' }] });
  });
});
