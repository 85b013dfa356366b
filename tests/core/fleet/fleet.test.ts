import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceIdentity } from '../../../src/shared/device-contract.ts';
import { deviceRecordSchema } from '../../../src/shared/engine-contract.ts';
import { FleetSite } from '../../support/fleet-site.ts';
import { sightingOf } from '../../support/sightings.ts';

const ID = '0f0e0d0c-0b0a-4908-8706-050403020100';
const OTHER = '1f0e0d0c-0b0a-4908-8706-050403020100';
const identity: DeviceIdentity = {
  id: ID,
  serial: '10000000abcdef',
  hostname: 'pump',
  model: 'Raspberry Pi 4 Model B',
  arch: 'arm64',
  system: 'Debian GNU/Linux 12',
};
const key = (sha256: string) => ({ sha256, type: 'ssh-ed25519', words: 'one two', trustedAt: 1 });

let site: FleetSite;
beforeEach(() => {
  site = new FleetSite();
});
afterEach(() => site.end());

describe('rows', () => {
  it('shows several services of one box as one row, named by the best of them', () => {
    const id = site.see({ service: 'workstation', instance: 'pump [dc:a6:32:01:02:03]', portGuessed: true });
    expect(site.fleet.get(id)?.name).toBe('pump');
    expect(site.see({ service: 'sftp-ssh' })).toBe(id);
    expect(site.see({ instance: 'Weather Station 1.5 (roof)' })).toBe(id);
    expect(
      site.see({ service: 'workstation', instance: 'pump [dc:a6:32:01:02:03]', portGuessed: true }),
    ).toBe(id);
    expect(site.fleet.snapshot()).toMatchObject([
      {
        name: 'Weather Station 1.5 (roof)',
        hostname: 'pump.local',
        kind: 'ssh',
        presence: 'nearby',
        installed: false,
      },
    ]);
    expect(deviceRecordSchema.parse(site.fleet.get(id))).toEqual(site.fleet.get(id));
  });

  it('knows a Nerves device and what it says of itself', () => {
    const txt = { serial: '8b7f', platform: 'rpi4', architecture: 'arm' };
    site.see({
      service: 'nerves-device',
      instance: 'nerves-8b7f',
      host: 'nerves-8b7f.local',
      portGuessed: true,
      txt,
    });
    expect(site.fleet.snapshot()).toMatchObject([
      { kind: 'nerves', serial: '8b7f', model: 'rpi4', arch: 'arm' },
    ]);
  });

  it('merges what one Nerves device announces: SSH by its name, and the opt-in type without a port', () => {
    const box = { instance: 'nerves-8b7f', host: 'nerves-8b7f.local', addresses: ['10.0.0.9'] };
    const first = site.see({ ...box, service: 'ssh' });
    expect(site.fleet.get(first)?.kind).toBe('nerves');
    const txt = { serial: '10000000abcd8b7f', version: '1.0.0' };
    expect(site.see({ ...box, service: 'nerves-device', portGuessed: true, txt })).toBe(first);
    expect(site.see({ ...box, service: 'sftp-ssh' })).toBe(first);
    expect(site.fleet.snapshot()).toMatchObject([
      { name: 'nerves-8b7f', serial: '10000000abcd8b7f', addresses: [{ host: '10.0.0.9', port: 22 }] },
    ]);
  });

  it('knows a stock Nerves device by its instance when only its host name was changed', () => {
    const id = site.see({ service: 'ssh', instance: 'nerves-8b7f', host: 'pump.local' });
    expect(site.fleet.get(id)?.kind).toBe('nerves');
  });

  it('keeps two Nerves devices of one name apart by their serial numbers', async () => {
    const box = { service: 'nerves-device', instance: 'nerves-8b7f', host: 'nerves-8b7f.local' } as const;
    const seen = (serial: string, address: string) =>
      site.see({ ...box, portGuessed: true, addresses: [address], txt: { serial } });
    const first = seen('10000000abcd8b7f', '10.0.0.9');
    await site.clock.advance(200_000);
    expect(seen('10000000eeee8b7f', '10.0.0.12')).not.toBe(first);
    // a unit that tells only the end of its number is no other one for that
    await site.clock.advance(200_000);
    expect(seen('abcd8b7f', '10.0.0.9')).toBe(first);
  });

  it('takes nobody for another because both answer to nerves.local', async () => {
    const first = site.see({ instance: 'nerves', host: 'nerves.local', addresses: ['10.0.0.9'] });
    await site.clock.advance(600_000);
    const second = site.see({ instance: 'nerves', host: 'nerves.local', addresses: ['10.0.0.12'] });
    expect(second).not.toBe(first);
    expect(site.fleet.get(second)?.kind).toBe('nerves');
  });

  it('knows a daemon by its announcement, and a virtual device by loopback', () => {
    expect(
      site.seeMuster(ID, { loopback: true, interface: 'lo', addresses: ['127.0.0.1'], port: 2201 }),
    ).toBe(ID);
    expect(site.fleet.get(ID)).toMatchObject({
      name: 'Pump house',
      kind: 'muster',
      installed: true,
      daemonVersion: '1.0.0',
      demo: true,
      mine: false,
    });
  });

  it('does not let an announcement touch trust or what installation found', () => {
    site.see();
    const id = site.fleet.snapshot()[0]!.id;
    site.fleet.update(id, { mine: true, hostKey: key('SHA256:a'), user: 'pi', model: 'Pi 4', arch: 'arm64' });
    site.see({ service: 'nerves-device', txt: { platform: 'evil', architecture: 'x', user: 'root' } });
    expect(site.fleet.get(id)).toMatchObject({
      hostKey: { sha256: 'SHA256:a' },
      user: 'pi',
      model: 'Pi 4',
      arch: 'arm64',
    });
  });

  it('gives an address to the box that was heard there last', async () => {
    const first = site.see({ addresses: ['10.0.0.7'] });
    await site.clock.advance(86_400_000 / 24 / 12);
    const second = site.see({ host: 'well.local', instance: 'well', addresses: ['10.0.0.7'] });
    expect(second).not.toBe(first);
    expect(site.fleet.get(first)?.addresses).toEqual([]);
    expect(site.fleet.get(second)?.addresses).toMatchObject([
      { host: '10.0.0.7', interface: 'eth0', via: 'mdns' },
    ]);
  });

  it('stays small under a flood, and never gives up a device of one’s own', () => {
    const mine = site.see({ host: 'mine.local', instance: 'mine', addresses: ['10.0.0.1'] });
    site.fleet.update(mine, { mine: true });
    for (let i = 0; i < 3000; i++)
      site.see({
        host: `h${i}.local`,
        instance: `n${i}`,
        addresses: [`10.${i >> 8}.${i & 255}.9`],
        at: site.clock.wall() + i,
      });
    expect(site.fleet.snapshot().length).toBeLessThanOrEqual(1001);
    expect(site.fleet.get(mine)).not.toBeNull();
  });

  it('keeps every row valid and every address in one place, under any evidence', () => {
    const sighting = fc.record({
      service: fc.constantFrom('muster', 'ssh', 'workstation'),
      instance: fc.constantFrom('a', 'b'),
      host: fc.constantFrom('a.local', 'b.local', null),
      addresses: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', 'fe80::1%eth0'), { minLength: 1 }),
      interface: fc.constantFrom('eth0', 'wlan0'),
      txt: fc.constantFrom({}, { id: ID, v: '1' }, { id: OTHER, v: '1' }),
      portGuessed: fc.boolean(),
      goodbye: fc.boolean(),
      at: fc.nat({ max: 400_000 }),
    });
    fc.assert(
      fc.property(fc.array(sighting, { maxLength: 25 }), (list) => {
        for (const { id } of site.fleet.snapshot()) void site.fleet.forget(id);
        let at = 0;
        for (const more of list) {
          at += more.at;
          const id = site.fleet.sighting(sightingOf({ ...more, at }));
          const known = site.fleet.get(id ?? '')?.addresses.map(({ host }) => host) ?? [];
          expect(more.goodbye || known.includes(more.addresses[0]!)).toBe(true);
        }
        const rows = site.fleet.snapshot();
        expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
        for (const row of rows) expect(deviceRecordSchema.safeParse(row).success).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('ids', () => {
  it('gives a row its lasting id when its daemon is announced', () => {
    const id = site.see();
    expect(id).toMatch(/^new-/);
    expect(site.seeMuster(ID)).toBe(ID);
    expect(site.events).toContainEqual(['deviceRenamed', { from: id, to: ID }]);
    expect(site.fleet.snapshot()).toMatchObject([{ id: ID }]);
    expect(site.fleet.get(id)?.id).toBe(ID);
  });

  it('adopts the id a daemon tells over a trusted connection, and what it says of itself', async () => {
    const id = site.see();
    site.fleet.update(id, { hostKey: key('SHA256:a'), mine: true });
    expect(site.fleet.adopt(id, identity)).toBe(ID);
    site.fleet.update(id, { installed: true, user: 'pi' });
    expect(site.fleet.snapshot()).toMatchObject([
      {
        id: ID,
        kind: 'muster',
        serial: '10000000abcdef',
        arch: 'arm64',
        user: 'pi',
        hostname: 'pump.local',
        mine: true,
      },
    ]);
    expect(await site.files()).toEqual([`${ID}.json`]);
  });

  it('joins a row that was made under another address with the one that has the id', () => {
    site.seeMuster(ID, { addresses: ['10.1.0.7'], interface: 'wlan0', host: null });
    const id = site.see({ host: null });
    site.fleet.update(id, { hostKey: key('SHA256:a'), mine: true });
    expect(site.fleet.adopt(id, identity)).toBe(ID);
    expect(site.fleet.snapshot()).toHaveLength(1);
    expect(
      site.fleet
        .get(ID)
        ?.addresses.map(({ host }) => host)
        .toSorted(),
    ).toEqual(['10.0.0.7', '10.1.0.7']);
    expect(site.fleet.get(ID)?.hostKey?.sha256).toBe('SHA256:a');
  });

  it('does not let a second box take over an id whose key is pinned', () => {
    site.seeMuster(ID);
    site.fleet.update(ID, { hostKey: key('SHA256:a'), mine: true });
    const other = site.see({ host: 'liar.local', instance: 'liar', addresses: ['10.0.0.66'] });
    site.fleet.update(other, { hostKey: key('SHA256:b') });
    expect(() => site.fleet.adopt(other, identity)).toThrowError(
      expect.objectContaining({ code: 'HOST_KEY_CHANGED' }),
    );
    expect(site.fleet.get(ID)?.hostKey?.sha256).toBe('SHA256:a');
  });

  it('says DEVICE_UNKNOWN for a device it does not know', async () => {
    expect(() => site.fleet.update('nobody', {})).toThrowError(
      expect.objectContaining({ code: 'DEVICE_UNKNOWN' }),
    );
    await expect(site.fleet.forget('nobody')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  });
});
