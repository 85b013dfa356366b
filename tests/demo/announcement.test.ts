/** What the announcer says is what the engine's own discovery hears; and none of it leaves loopback. */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { startDiscovery } from '../../src/core/discovery/discovery.ts';
import type { Sighting } from '../../src/core/discovery/sighting.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { startAnnouncer, type Announcer } from '../../src/demo/announcement.ts';
import { noLog } from '../../src/shared/log.ts';
import { eventually } from './eventually.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function announcer(): Promise<Announcer> {
  const started = await startAnnouncer({ clock: realClock, log: noLog });
  open.push(() => started.stop());
  return started;
}

/** The engine's discovery, shown loopback and no other interface. */
function listen(): { sightings: Sighting[]; refresh: () => void } {
  const sightings: Sighting[] = [];
  const discovery = startDiscovery({
    clock: realClock,
    log: noLog,
    onSighting: (sighting) => sightings.push(sighting),
    interfaces: () => ({ lo: networkInterfaces()['lo'] ?? [] }),
  });
  open.push(() => discovery.stop());
  return { sightings, refresh: () => discovery.refresh() };
}

const unique = () => `t-${randomBytes(4).toString('hex')}`;
const hardware = 'b8:27:eb:00:00:01';

describe('the announcement', () => {
  it('is heard when it is made, by who listens already', async () => {
    const name = unique();
    const { sightings } = listen();
    (await announcer()).add({ name, port: 2201, hardware });
    const own = () => sightings.filter(({ instance }) => instance.startsWith(name));
    await eventually('all three services are seen', () => new Set(own().map((s) => s.service)).size === 3);
    expect(own().find(({ service }) => service === 'ssh')).toMatchObject({
      instance: name,
      port: 2201,
      host: `${name}.local`,
      interface: 'lo',
      goodbye: false,
    });
    expect(own().find(({ service }) => service === 'ssh')?.addresses).toContain('127.0.0.1');
  });

  it('is given again to who asks later, and taken back at the end', async () => {
    const name = unique();
    const told = await announcer();
    told.add({ name, port: 2202, hardware });
    const { sightings } = listen();
    const seen = (goodbye: boolean) =>
      sightings.some((s) => s.instance === name && s.service === 'ssh' && s.goodbye === goodbye);
    await eventually('it is seen', () => seen(false));
    await told.stop();
    await eventually('the goodbye is seen', () => seen(true));
    expect(sightings.findLast((s) => s.instance === name && s.service === 'ssh')?.goodbye).toBe(true);
  });

  it('tells which names others use, so that two fleets do not share one', async () => {
    const name = unique();
    const first = await announcer();
    first.add({ name, port: 2203, hardware });
    const second = await announcer();
    expect(await second.namesInUse()).toContain(name);
    await first.stop();
    expect(await second.namesInUse()).not.toContain(name);
  });
});
