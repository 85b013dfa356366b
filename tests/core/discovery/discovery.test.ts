import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDiscovery, type Discovery } from '../../../src/core/discovery/discovery.ts';
import { realClock } from '../../../src/core/real-clock.ts';
import type { Sighting } from '../../../src/core/discovery/sighting.ts';
import { noLog } from '../../../src/shared/log.ts';
import { discoverOnLoopback, loopbackOnly } from '../../support/discovery-on-loopback.ts';
import { fakeMdns, fqdnOf, type FakeMdns, type FakeService } from '../../support/fake-mdns.ts';

// Other programs may announce on this loopback at the same time: each test looks for names of its own.
let serial = 0;
function service(more: Partial<FakeService> = {}): FakeService {
  const instance = `box-${process.pid}-${++serial}`;
  return {
    type: '_muster._tcp',
    instance,
    host: `${instance}.local`,
    port: 2222,
    addresses: ['10.9.9.9'],
    ...more,
  };
}

let mdns: FakeMdns;
let discovery: Discovery | undefined;
let sightings: Sighting[];
beforeEach(async () => {
  mdns = await fakeMdns();
});
afterEach(async () => {
  discovery?.stop();
  discovery = undefined;
  await mdns.stop();
});

function search(): void {
  ({ discovery, sightings } = discoverOnLoopback());
}

function of({ instance }: FakeService): Sighting[] {
  return sightings.filter((sighting) => sighting.instance === instance);
}

const soon = { timeout: 15_000, interval: 5 };

describe('discovery on loopback', () => {
  it('asks at once for all services in one packet, and finds what was announced before it started', async () => {
    const box = service({ txt: ['id=7', 'v=1.2.3'] });
    mdns.publish([box], false);
    search();
    await vi.waitFor(() => expect(of(box)).not.toEqual([]), soon);
    expect(of(box)[0]).toMatchObject({
      service: 'muster',
      host: box.host,
      addresses: ['127.0.0.1'],
      port: 2222,
      loopback: true,
      txt: { id: '7', v: '1.2.3' },
      goodbye: false,
    });
    for (const type of ['muster', 'ssh', 'sftp-ssh', 'workstation', 'nerves-device'])
      expect(mdns.asked).toContain(`_${type}._tcp.local PTR`);
  });

  it('shows an announcement well within a second', async () => {
    search();
    const box = service();
    const start = performance.now();
    mdns.publish([box]);
    await vi.waitFor(() => expect(of(box)).not.toEqual([]), soon);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('sees a goodbye at once', async () => {
    search();
    const box = service();
    mdns.publish([box]);
    await vi.waitFor(() => expect(of(box)).not.toEqual([]), soon);
    mdns.goodbye(box);
    await vi.waitFor(() => expect(of(box).at(-1)?.goodbye).toBe(true), soon);
  });

  it('sees a TXT record that changes alone', async () => {
    search();
    const box = service({ txt: ['v=1.0.0'] });
    mdns.publish([box]);
    await vi.waitFor(() => expect(of(box)).not.toEqual([]), soon);
    mdns.respond([{ name: fqdnOf(box), type: 'TXT', ttl: 120, data: ['v=1.0.1'] }]);
    await vi.waitFor(() => expect(of(box).at(-1)?.txt).toEqual({ v: '1.0.1' }), soon);
  });

  it('asks for the SRV record of an instance known by its PTR only', async () => {
    search();
    const box = service();
    mdns.publish([box], false);
    mdns.respond([{ name: `${box.type}.local`, type: 'PTR', ttl: 120, data: fqdnOf(box) }]);
    await vi.waitFor(() => expect(of(box)).not.toEqual([]), soon);
    expect(mdns.asked).toContain(`${fqdnOf(box)} SRV`);
  });

  it('keeps a Nerves device with its mandatory port 0, at port 22', async () => {
    search();
    const box = service({ type: '_nerves-device._tcp', port: 0 });
    mdns.publish([box]);
    await vi.waitFor(() => expect(of(box)[0]).toMatchObject({ port: 22, portGuessed: true }), soon);
  });

  it('asks anew on refresh', async () => {
    search();
    await vi.waitFor(() => expect(mdns.asked).toContain('_ssh._tcp.local PTR'), soon);
    mdns.asked.length = 0;
    discovery!.refresh();
    await vi.waitFor(() => expect(mdns.asked).toContain('_ssh._tcp.local PTR'), soon);
  });

  it('asks again by itself, with growing pauses', async () => {
    search();
    await vi.waitFor(() => expect(questions()).toBeGreaterThanOrEqual(3), soon);
    function questions() {
      return mdns.asked.filter((question) => question === '_nerves-device._tcp.local PTR').length;
    }
  });

  it('tells what it searches, and is silent after stop', async () => {
    search();
    expect(discovery!.status().interfaces).toEqual([
      { name: 'lo', address: '127.0.0.1', searching: true, note: 'this laptop itself: the demo fleet' },
    ]);
    discovery!.stop();
    const seen = sightings.length;
    const other = discoverOnLoopback();
    mdns.publish([service()]);
    await vi.waitFor(() => expect(other.sightings).not.toEqual([]), soon);
    other.discovery.stop();
    expect(sightings.length).toBe(seen);
  });

  it('notices interfaces that come and go', async () => {
    let plugged = false;
    const lost: string[] = [];
    const found: Sighting[] = [];
    discovery = startDiscovery({
      clock: realClock,
      log: noLog,
      interfaces: () => (plugged ? loopbackOnly() : {}),
      onSighting: (sighting) => found.push(sighting),
      onInterfaceLost: (name) => lost.push(name),
    });
    expect(discovery.status().advice).toMatch(/on no network/);
    const box = service();
    mdns.publish([box], false);
    plugged = true;
    await vi.waitFor(() => expect(found.some(({ instance }) => instance === box.instance)).toBe(true), soon);
    plugged = false;
    await vi.waitFor(() => expect(lost).toEqual(['lo']), soon);
    expect(discovery.status().interfaces).toEqual([]);
  });

  it('sends nothing into a VPN, and says so', () => {
    discovery = startDiscovery({
      clock: realClock,
      log: noLog,
      onSighting: () => {},
      loopback: false,
      interfaces: () => ({
        tun0: [
          {
            address: '10.8.0.2',
            netmask: '255.255.255.0',
            family: 'IPv4',
            mac: '',
            internal: false,
            cidr: '10.8.0.2/24',
          },
        ],
      }),
    });
    expect(discovery.status()).toMatchObject({
      interfaces: [{ name: 'tun0', searching: false, note: expect.stringContaining('VPN') }],
      advice: expect.stringContaining('Only a VPN is up'),
    });
  });
});
