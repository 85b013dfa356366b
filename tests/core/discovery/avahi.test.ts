import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DiscoveryStatus } from '../../../src/core/discovery/discovery.ts';
import type { Sighting } from '../../../src/core/discovery/sighting.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { startAvahi, type Avahi } from '../../support/avahi.ts';
import { cable, createNetns, removeNetns, type Netns } from '../../support/netns.ts';
import { need } from '../../support/need.ts';

const soon = { timeout: 15_000, interval: 20 };

/** A laptop in a namespace with two cables, `cab0` and `air0`, to a device in another one that runs avahi. */
describe.skipIf(!need('avahi', 'netns'))('discovery against avahi-daemon', () => {
  let dir: string;
  let laptop: Netns;
  let device: Netns;
  let avahi: Avahi;
  let sightings: Sighting[];
  let devices: Map<string, DeviceRecord>;
  let status: DiscoveryStatus | undefined;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'muster-avahi-'));
    sightings = [];
    devices = new Map();
    status = undefined;
    laptop = createNetns('laptop');
    device = createNetns('device');
    cable(laptop, ['cab0', '10.77.0.1/24'], device, ['eth0', '10.77.0.2/24']);
    cable(laptop, ['air0', '10.78.0.1/24'], device, ['wlan0', '10.78.0.2/24']);
    avahi = await startAvahi(device, join(dir, 'device'), 'greenhouse-2', { workstation: true });
  });
  afterEach(async () => {
    await removeNetns();
    rmSync(dir, { recursive: true, force: true });
  });

  function startSearch(): void {
    const script = join(import.meta.dirname, '../../support/discovery-process.ts');
    const child = laptop.spawn(process.execPath, [script, join(dir, 'devices')]);
    child.stderr!.on('data', (text) => process.stderr.write(String(text)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const { event, data } = JSON.parse(line) as { event: string; data: never };
      if (event === 'sighting') sightings.push(data);
      if (event === 'status') status = data;
      if (event === 'device') devices.set((data as DeviceRecord).id, data);
      if (event === 'deviceGone') devices.delete((data as { id: string }).id);
      if (event === 'deviceRenamed') devices.delete((data as { from: string }).from);
    });
  }

  const rows = () => [...devices.values()];
  const named = (instance: string) => sightings.filter((sighting) => sighting.instance === instance);
  const roof = { name: 'Weather Station 1.5 (roof)', type: '_ssh._tcp', port: 22 };

  it('shows a device on two cables once, with both its addresses, IPv4 first', async () => {
    avahi.set('ssh', [{ name: 'greenhouse-2', type: '_ssh._tcp', port: 22 }]);
    startSearch();
    await vi.waitFor(() => {
      expect(rows()).toHaveLength(1);
      const hosts = rows()[0]!.addresses.map(({ host }) => host);
      expect(hosts.slice(0, 2).toSorted()).toEqual(['10.77.0.2', '10.78.0.2']);
      expect(hosts.some((host) => /^fe80::.*%cab0$/.test(host))).toBe(true);
    }, soon);
    expect(rows()[0]).toMatchObject({
      name: 'greenhouse-2',
      hostname: 'greenhouse-2.local',
      kind: 'ssh',
      presence: 'nearby',
      demo: false,
      mine: false,
    });
    for (const { host, interface: on } of rows()[0]!.addresses.slice(0, 2))
      expect(on).toBe(host.startsWith('10.77') ? 'cab0' : 'air0');
    expect(new Set(sightings.map(({ interface: on }) => on))).toEqual(new Set(['cab0', 'air0']));
    await vi.waitFor(() => {
      expect(status?.interfaces.map(({ name, searching }) => [name, searching])).toEqual(
        expect.arrayContaining([
          ['cab0', true],
          ['air0', true],
        ]),
      );
    }, soon);
  });

  it('keeps a name with dots whole, with its addresses', async () => {
    avahi.set('roof', [roof]);
    startSearch();
    await vi.waitFor(() => {
      expect(named(roof.name).flatMap(({ addresses }) => addresses)).toContain('10.77.0.2');
      expect(rows().map(({ name }) => name)).toEqual([roof.name]);
    }, soon);
    expect(named(roof.name)[0]).toMatchObject({ host: 'greenhouse-2.local', port: 22 });
  });

  it('finds a box that announces itself as a workstation only, as Raspberry Pi OS does', async () => {
    startSearch();
    await vi.waitFor(
      () => expect(rows()).toMatchObject([{ name: 'greenhouse-2', kind: 'ssh', presence: 'nearby' }]),
      soon,
    );
    expect(rows()[0]!.addresses.every(({ port }) => port === 22)).toBe(true);
  });

  it('sees a changed TXT record', async () => {
    const id = '0f0e0d0c-0b0a-4908-8706-050403020100';
    const muster = { name: 'Roof', type: '_muster._tcp', port: 22 };
    avahi.set('muster', [{ ...muster, txt: [`id=${id}`, 'v=1.0.0'] }]);
    startSearch();
    await vi.waitFor(() => expect(devices.get(id)?.daemonVersion).toBe('1.0.0'), soon);
    avahi.set('muster', [{ ...muster, txt: [`id=${id}`, 'v=1.0.1'] }]);
    await vi.waitFor(() => expect(devices.get(id)?.daemonVersion).toBe('1.0.1'), soon);
    expect(rows()).toHaveLength(1);
  });

  it('sees the goodbye of one service, and of the whole device', async () => {
    avahi.set('roof', [roof]);
    startSearch();
    await vi.waitFor(() => expect(rows()).toMatchObject([{ presence: 'nearby', name: roof.name }]), soon);
    avahi.unset('roof');
    await vi.waitFor(() => expect(named(roof.name).at(-1)?.goodbye).toBe(true), soon);
    expect(rows()).toMatchObject([{ presence: 'nearby' }]);
    await avahi.stop();
    await vi.waitFor(() => expect(rows()).toMatchObject([{ presence: 'offline' }]), soon);
  });

  it('notices a cable that is pulled, probes, and finds the device again', async () => {
    device.ip('link', 'set', 'wlan0', 'down');
    avahi.set('ssh', [{ name: 'greenhouse-2', type: '_ssh._tcp', port: 22 }]);
    startSearch();
    await vi.waitFor(() => expect(rows()).toMatchObject([{ presence: 'nearby' }]), soon);
    device.ip('link', 'set', 'eth0', 'down');
    await vi.waitFor(() => expect(rows()).toMatchObject([{ presence: 'offline' }]), soon);
    expect(status?.interfaces.map(({ name }) => name)).not.toContain('cab0');
    device.ip('link', 'set', 'eth0', 'up');
    await vi.waitFor(() => expect(rows()).toMatchObject([{ presence: 'nearby' }]), soon);
  });

  it('follows a device whose address changes', async () => {
    device.ip('link', 'set', 'wlan0', 'down');
    avahi.set('ssh', [{ name: 'greenhouse-2', type: '_ssh._tcp', port: 22 }]);
    startSearch();
    await vi.waitFor(() => expect(rows()[0]?.addresses.map(({ host }) => host)).toContain('10.77.0.2'), soon);
    device.ip('address', 'del', '10.77.0.2/24', 'dev', 'eth0');
    device.ip('address', 'add', '10.77.0.99/24', 'dev', 'eth0');
    await vi.waitFor(
      () =>
        expect(rows().flatMap(({ addresses }) => addresses.map(({ host }) => host))).toContain('10.77.0.99'),
      soon,
    );
  });

  it('tells of a device with an address outside of all networks, and does not offer it', async () => {
    device.ip('link', 'set', 'wlan0', 'down');
    device.ip('address', 'flush', 'dev', 'eth0');
    device.ip('address', 'add', '192.168.50.9/24', 'dev', 'eth0');
    startSearch();
    await vi.waitFor(() => expect(status?.advice).toContain('announces itself as 192.168.50.9'), soon);
    expect(rows()).toEqual([]);
  });
});
