/** Announcements made to break their reader, sent as real packets on loopback. A good box beside them is still found. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Discovery } from '../../src/core/discovery/discovery.ts';
import type { Sighting } from '../../src/core/discovery/sighting.ts';
import { openDeviceStore } from '../../src/core/fleet/device-store.ts';
import { createFleet, type Fleet } from '../../src/core/fleet/fleet.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { deviceRecordSchema, type DeviceRecord } from '../../src/shared/engine-contract.ts';
import { noLog } from '../../src/shared/log.ts';
import { discoverOnLoopback } from '../support/discovery-on-loopback.ts';
import { fakeMdns, type FakeMdns, type FakeService } from '../support/fake-mdns.ts';

const soon = { timeout: 10_000, interval: 5 };
/** Part of every name, since other programs may announce on this loopback at the same time. */
const OWN = `hostile-${process.pid}`;
let serial = 0;
let dir: string;
let mdns: FakeMdns;
let discovery: Discovery;
let sightings: Sighting[];
let fleet: Fleet;
let emitted: DeviceRecord[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'muster-hostile-'));
  mdns = await fakeMdns();
  emitted = [];
  fleet = createFleet({
    clock: realClock,
    log: noLog,
    store: openDeviceStore(dir, noLog),
    probe: ({ host }) => Promise.resolve({ address: host }),
    emit(event, payload) {
      if (event === 'device' && (payload as DeviceRecord).hostname?.startsWith(OWN))
        emitted.push(payload as DeviceRecord);
    },
  });
  ({ discovery, sightings } = discoverOnLoopback((sighting) => fleet.sighting(sighting)));
});
afterEach(async () => {
  discovery.stop();
  await Promise.all([mdns.stop(), fleet.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

function box(more: Partial<FakeService> = {}): FakeService {
  const name = `${OWN}-${++serial}`;
  return { type: '_ssh._tcp', instance: name, host: `${name}.local`, port: 2000 + serial, ...more };
}
const from = ({ host }: FakeService) => sightings.filter((sighting) => sighting.host === host);
const rowOf = ({ host }: FakeService) => fleet.snapshot().find(({ hostname }) => hostname === host);

async function goodBoxIsFound(): Promise<void> {
  const good = box();
  mdns.publish([good]);
  await vi.waitFor(() => expect(rowOf(good)?.presence).toBe('nearby'), soon);
}

describe('mdns-txt-10kb', () => {
  it('keeps the device and cuts the text', async () => {
    const txt = ['v=1.0.0', ...Array.from({ length: 40 }, (_, i) => `key${i}=${'x'.repeat(240)}`)];
    const bad = box({ type: '_muster._tcp', txt });
    mdns.publish([bad]);
    await vi.waitFor(() => expect(from(bad)).not.toEqual([]), soon);
    const [sighting] = from(bad);
    expect(Object.keys(sighting!.txt)).toHaveLength(24);
    expect(JSON.stringify(sighting).length).toBeLessThan(6000);
    expect(rowOf(bad)?.daemonVersion).toBe('1.0.0');
    await goodBoxIsFound();
  });
});

describe('mdns-control-characters', () => {
  it('shows a printable name', async () => {
    const bad = box({ type: '_muster._tcp', txt: ['v=1\u001b[31m\u0000'] });
    bad.instance = 'pump\u0000\u001b[2J\n\u202Egnp\u2066';
    mdns.publish([bad]);
    await vi.waitFor(() => expect(rowOf(bad)?.name).toBe('pump [2J gnp'), soon);
    expect(rowOf(bad)?.daemonVersion).toBe('1 [31m');
    await goodBoxIsFound();
  });
});

describe('mdns-html-name', () => {
  it('keeps markup as the text it is, within the length of a name', async () => {
    const bad = box({ instance: '<img src=x onerror=alert(1)>' });
    mdns.publish([bad]);
    await vi.waitFor(() => expect(rowOf(bad)?.name).toBe('<img src=x onerror=alert(1)>'), soon);
    const host = box();
    mdns.publish([{ ...host, host: '<b>x</b>.local' }]);
    await vi.waitFor(() => {
      const sighting = sightings.find(({ instance }) => instance === host.instance);
      expect(sighting?.host).toBeNull();
    }, soon);
    await goodBoxIsFound();
  });
});

/** As 300 machines do it: all within a moment, but not all in one call of one process. */
async function publishAll(boxes: FakeService[]): Promise<void> {
  for (const [i, one] of boxes.entries()) {
    mdns.publish([one]);
    if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('mdns-300-device-burst', () => {
  it('shows all of them, without a stall and without a flood of events', async () => {
    const boxes = Array.from({ length: 300 }, () => box());
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    await publishAll(boxes);
    const shown = () => new Set(emitted.map(({ hostname }) => hostname)).size;
    await vi.waitFor(() => expect(shown()).toBe(300), soon);
    const took = performance.now() - start;
    // Again and again, as after a power cut of the whole site.
    for (let i = 0; i < 5; i++) {
      emitted.length = 0;
      const seen = sightings.length;
      await publishAll(boxes);
      await vi.waitFor(() => expect(sightings.length).toBeGreaterThanOrEqual(seen + 300), soon);
    }
    delay.disable();
    expect(took).toBeLessThan(5000);
    expect(emitted.length).toBeLessThan(1000);
    expect(delay.max / 1e6).toBeLessThan(1000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
    for (const record of fleet.snapshot()) expect(deviceRecordSchema.safeParse(record).success).toBe(true);
  });
});
