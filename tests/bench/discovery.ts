/**
 * Measures the time from an announcement on loopback to the fleet's event, one device at a time, and the CPU
 * that the then announced devices cost while nothing changes.
 * `node tests/bench/discovery.ts [--devices 200] [--seconds 10]`; prints one line of JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as soon, setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDeviceStore } from '../../src/core/fleet/device-store.ts';
import { createFleet } from '../../src/core/fleet/fleet.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';
import { discoverOnLoopback } from '../support/discovery-on-loopback.ts';
import { fakeMdns } from '../support/fake-mdns.ts';

const { values } = parseArgs({
  options: { devices: { type: 'string', default: '200' }, seconds: { type: 'string', default: '10' } },
});
const devices = Number(values.devices);
const seconds = Number(values.seconds);

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const shownAt = new Map<string, number>();
const fleet = createFleet({
  clock: realClock,
  log: noLog,
  store: openDeviceStore(folder, noLog),
  probe: ({ host }) => Promise.resolve({ address: host }),
  emit(event, payload) {
    if (event === 'device' && 'hostname' in payload) shownAt.set(payload.hostname ?? '', performance.now());
  },
});
const mdns = await fakeMdns();
const { discovery, sightings } = discoverOnLoopback((sighting) => fleet.sighting(sighting));
await pause(500);

const latencies: number[] = [];
for (let i = 0; i < devices; i++) {
  const host = `bench-${i}.local`;
  const start = performance.now();
  mdns.publish([{ type: '_muster._tcp', instance: `bench ${i}`, host, port: 3000 + i, txt: ['v=1.0.0'] }]);
  while (!shownAt.has(host)) await soon();
  latencies.push(shownAt.get(host)! - start);
}
latencies.sort((a, b) => a - b);
const quantile = (q: number) => Number(latencies[Math.min(devices - 1, Math.floor(devices * q))]!.toFixed(2));

const before = sightings.length;
const cpu = process.cpuUsage();
await pause(seconds * 1000);
const { user, system } = process.cpuUsage(cpu);
const result = {
  bench: 'discovery',
  devices,
  announcedToShownMs: { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) },
  idle: { seconds, sightings: sightings.length - before, cpuPercent: (user + system) / 1e4 / seconds },
  rssMb: Math.round(process.memoryUsage().rss / 1e6),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
discovery.stop();
await Promise.all([fleet.stop(), mdns.stop()]);
rmSync(folder, { recursive: true, force: true });
