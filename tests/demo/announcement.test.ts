/** What the announcer says is what the engine's own discovery hears; and none of it leaves loopback. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../../src/core/real-clock.ts';
import { startAnnouncer, type Announcer } from '../../src/demo/announcement.ts';
import { noLog } from '../../src/shared/log.ts';
import { discoverOnLoopback } from '../support/discovery-on-loopback.ts';
import { until } from '../support/until.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function announcer(): Promise<Announcer> {
  const started = await startAnnouncer({ clock: realClock, log: noLog });
  open.push(() => started.stop());
  return started;
}

function listen() {
  const { discovery, sightings } = discoverOnLoopback();
  open.push(() => discovery.stop());
  return sightings;
}

const unique = () => `t-${randomBytes(4).toString('hex')}`;
const hardware = 'b8:27:eb:00:00:01';

describe('the announcement', () => {
  it('is heard when it is made, by who listens already', async () => {
    const name = unique();
    const sightings = listen();
    (await announcer()).add({ name, port: 2201, hardware });
    const own = () => sightings.filter(({ instance }) => instance.startsWith(name));
    await until(() => new Set(own().map((s) => s.service)).size === 3, 'all three services are seen');
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
    const sightings = listen();
    const seen = (goodbye: boolean) =>
      sightings.some((s) => s.instance === name && s.service === 'ssh' && s.goodbye === goodbye);
    await until(() => seen(false), 'it is seen');
    await told.stop();
    await until(() => seen(true), 'the goodbye is seen');
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
