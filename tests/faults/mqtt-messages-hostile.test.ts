/** What comes over a broker is anything at all: nonsense, megabytes, thousands a second, values from long ago. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { hearingDaemon, type HearingDaemon } from '../support/mqtt-device.ts';
import { mqttPeer, type MqttPeer } from '../support/mqtt-peer.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

const NAMES = ['garbage', 'old', 'storm', 'big'];

describe.skipIf(!need('mosquitto'))('a message', () => {
  let broker: Mosquitto;
  let device: MqttPeer;
  let daemon: HearingDaemon;
  beforeAll(async () => {
    broker = await startMosquitto();
    device = await mqttPeer(broker.url);
    await device.publish('zigbee2mqtt/old', '{"temperature":-7}', { retain: true });
    daemon = await hearingDaemon(
      { broker: broker.url },
      NAMES.map((id) => ({
        id,
        driver: 'zigbee2mqtt',
        options: { device: id, measures: ['temperature', 'humidity'] },
      })),
    );
    for (const name of NAMES)
      await until(async () => (await daemon.state(name))?.state === 'ok', `${name} being heard`, 60_000);
  }, 180_000);
  afterAll(async () => {
    await daemon.remove();
    await device.end();
    await broker.remove();
  });

  const values = (sensor: string): Promise<string[]> => daemon.recorded(sensor, 'temperature');
  const say = (name: string, payload: string | Buffer): Promise<void> =>
    device.publish(`zigbee2mqtt/${name}`, payload);

  it('that is nonsense is no reading, and is said so', async () => {
    // of messages that come together only the newest is looked at
    await until(
      async () => {
        for (const payload of ['{"temperature":', '\u0000\u0001', 'hello', '{"temperature":"warm"'])
          await say('garbage', payload);
        return (await daemon.state('garbage'))?.lastError.includes('holds no number') ?? false;
      },
      'the failure',
      30_000,
    );
    await until(async () => {
      await say('garbage', '{"temperature":20.25}');
      return (await values('garbage')).includes('20.25 ok');
    }, 'a reading after it');
    expect(new Set(await values('garbage'))).toEqual(new Set(['NaN missing', '20.25 ok']));
  }, 90_000);

  it('from before anybody listened is never recorded as measured now', async () => {
    await say('old', '{"humidity":40}');
    await until(async () => (await daemon.recorded('old', 'humidity')).includes('40 ok'), 'humidity', 30_000);
    const all = new Set(await values('old'));
    expect(all).toContain('-7 stale');
    all.delete('NaN missing');
    expect([...all]).toEqual(['-7 stale']);
  }, 60_000);

  it('of 5 MB goes by, and the next one is heard', async () => {
    await say('big', Buffer.concat([Buffer.from('{"temperature":'), Buffer.alloc(5_000_000, '1')]));
    await say('big', '{"temperature":19.5}');
    await until(async () => (await values('big')).includes('19.5 ok'), 'the small one', 30_000);
    expect((await daemon.state('big'))?.state).toBe('ok');
  }, 60_000);

  it('thousands of times a second costs neither memory nor its neighbours', async () => {
    const before = memoryKb(daemon.pid);
    const beside = (await daemon.recorded('beside', 'state')).length;
    const begun = performance.now();
    let sent = 0;
    while (performance.now() - begun < 5000) {
      const batch = Array.from({ length: 200 }, () =>
        device.publish('zigbee2mqtt/storm', `{"temperature":${sent++ % 100},"pad":"${'x'.repeat(200)}"}`, {
          qos: 0,
        }),
      );
      await Promise.all(batch);
    }
    const seconds = (performance.now() - begun) / 1000;
    await say('storm', '{"temperature":111}');
    await until(async () => (await values('storm')).includes('111 ok'), 'the last word', 60_000);
    expect(sent / seconds).toBeGreaterThan(1000);
    // at most one reading a period
    expect((await values('storm')).length).toBeLessThan(40 * seconds);
    expect((await daemon.recorded('beside', 'state')).length - beside).toBeGreaterThan(5 * seconds);
    expect(memoryKb(daemon.pid) - before).toBeLessThan(60_000);
    expect(await daemon.restarts()).toEqual([]);
  }, 120_000);
});

/** Resident memory of a process and its children. */
function memoryKb(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  const own = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(own) + children.reduce((sum, child) => sum + memoryKb(Number(child)), 0);
}
