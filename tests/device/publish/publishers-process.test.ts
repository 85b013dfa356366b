/** Publishers of a real daemon: a real broker that goes and comes back, kills at the worst moment, a Prometheus, mistakes. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceContract } from '../../../src/shared/device-contract.ts';
import type { Client } from '../../../src/shared/peer.ts';
import { TestPrefix, unpack } from '../../support/daemon-process.ts';
import { startHttpReceiver, type HttpReceiver } from '../../support/http-receiver.ts';
import { startMosquitto, type Mosquitto } from '../../support/mosquitto.ts';
import { mqttPeer, type MqttPeer } from '../../support/mqtt-peer.ts';
import { need } from '../../support/need.ts';
import { readExposition } from '../../support/read-exposition.ts';
import { freePort } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

const LONG = 180_000;
const station = (publishers: string, sensors = ['air']) => `
version: 1
name: Greenhouse
journal: {idleFlushMs: 200}
buses:
  - {id: sim, kind: sim, chips: [{chip: tmp102, address: 0x48}]}
sensors:
${sensors.map((id) => `  - {id: ${id}, driver: tmp102, bus: sim, address: 0x48, periodMs: 100}`).join('\n')}
publishers:
${publishers}
`;

let prefix: TestPrefix;
beforeEach(() => {
  prefix = new TestPrefix();
});
afterEach(() => prefix.remove());

/** Times of all readings in the journal, in its order, to the microsecond as they are sent. */
async function recorded(client: Client<DeviceContract>): Promise<number[]> {
  const { runs } = await client.call.runs({ from: 1 });
  const offsets = new Map(runs.map(({ run, offsetMs }) => [run, offsetMs]));
  const times: number[] = [];
  let after: { run: number; batch: number } | null = null;
  for (;;) {
    const { batches } = await client.call.pull({ after, maxBytes: 1 << 20, waitMs: 0 });
    for (const { run, batch, data } of batches) {
      after = { run, batch };
      const { baseMs, deltaUs } = unpack(data);
      for (const delta of deltaUs) times.push(seconds((offsets.get(run) ?? 0) + baseMs + delta / 1000));
    }
    if (batches.length === 0) return times;
  }
}
const seconds = (ms: number) => Math.round(ms * 1000) / 1e6;

async function rows(client: Client<DeviceContract>) {
  const { publishers } = await client.call.publishers({});
  return Object.fromEntries(publishers.map((row) => [row.publisher, row]));
}

describe.skipIf(!need('mosquitto'))('a broker', () => {
  let broker: Mosquitto;
  const peers: MqttPeer[] = [];
  beforeEach(async () => {
    broker = await startMosquitto();
  });
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.end().catch(() => {});
    await broker.remove();
  });
  const listen = async () => {
    const peer = await mqttPeer(broker.url);
    peers.push(peer);
    await peer.hear('muster/#');
    return peer;
  };
  const times = (peer: MqttPeer) =>
    peer.heard
      .filter(({ topic }) => topic.endsWith('/air/temperature'))
      .map(({ text }) => (JSON.parse(text) as { t: number }).t);

  it(
    'that goes away and comes back gets everything, in order, and nothing twice',
    async () => {
      prefix.config(station(`  - {id: house, kind: mqtt, broker: '${broker.url}', from: beginning}`));
      const before = await listen();
      const daemon = await prefix.run();
      const client = await prefix.connect();
      await until(() => times(before).length > 10, 'the first readings', LONG);
      expect(before.heard[0]).toMatchObject({ text: 'online' });
      await broker.stop();
      const problem = async () => (await rows(client))['house']?.problem ?? '';
      await until(async () => (await problem()).includes('nobody listens there'), 'the words', LONG);
      expect((await rows(client))['house']?.state).toBe('failing');
      const behind = async () => (await rows(client))['house']?.behind?.readings ?? 0;
      await until(async () => (await behind()) > 20, 'a backlog', LONG);
      // who listens is there before the daemon finds its broker again
      daemon.process.kill('SIGSTOP');
      await broker.start();
      const after = await listen();
      daemon.process.kill('SIGCONT');
      await until(async () => times(after).length > 20 && (await behind()) < 10, 'the backlog', LONG);
      expect((await rows(client))['house']).toMatchObject({
        state: 'working',
        problem: null,
        lostBatches: 0,
      });
      const heard = [...times(before), ...times(after)];
      const all = await recorded(client);
      // what was on its way when the broker went may have been heard twice
      expect(heard.filter((t, i) => heard.indexOf(t) === i)).toEqual(all.slice(0, new Set(heard).size));
      expect(heard.length - new Set(heard).size).toBeLessThanOrEqual(16);
      client.close();
      daemon.process.kill('SIGTERM');
      await daemon.ended;
      await until(() => after.heard.at(-1)?.text === 'offline', 'the goodbye', LONG);
    },
    2 * LONG,
  );

  it(
    'keeps for Home Assistant what is configured, and nothing of what is not any more',
    async () => {
      const publisher = `  - {id: house, kind: mqtt, broker: '${broker.url}', homeAssistant: true}`;
      prefix.config(station(publisher, ['air', 'soil']));
      const first = await prefix.run();
      /** What is retained now. */
      const entities = async () => {
        const peer = await mqttPeer(broker.url);
        await peer.hear('homeassistant/#');
        await peer.hear('$SYS/broker/version');
        await until(() => peer.heard.some(({ topic }) => topic.startsWith('$SYS')), 'what is retained', LONG);
        const found = peer.heard.filter(({ topic }) => topic.startsWith('homeassistant'));
        await peer.end();
        return found.map(({ topic }) => topic).toSorted((a, b) => a.localeCompare(b));
      };
      await until(async () => (await entities()).length === 2, 'two entities', LONG);
      const both = await entities();
      // the broker is away when the daemon ends: readings of what is taken out are still to be sent
      await broker.stop();
      const client = await prefix.connect();
      await until(async () => ((await rows(client))['house']?.behind?.batches ?? 0) > 3, 'a backlog', LONG);
      client.close();
      first.process.kill('SIGTERM');
      await first.ended;
      prefix.config(station(publisher, ['air']));
      await broker.start();
      // this broker keeps nothing over its restarts
      const peer = await mqttPeer(broker.url);
      for (const topic of both) await peer.publish(topic, '{}', { retain: true });
      await peer.end();
      await prefix.run();
      const again = await prefix.connect();
      await until(async () => (await rows(again))['house']?.behind?.batches === 0, 'the backlog', LONG);
      expect(await entities()).toEqual(both.filter((topic) => topic.endsWith('/air_temperature/config')));
      again.close();
    },
    2 * LONG,
  );
});

describe('an HTTP server', () => {
  let receiver: HttpReceiver;
  beforeEach(async () => {
    receiver = await startHttpReceiver();
  });
  afterEach(() => receiver.close());

  it(
    'gets every reading over kills of the daemon at the worst moment, and can tell by its name what comes twice',
    async () => {
      prefix.config(
        station(`  - {id: web, kind: http, url: '${receiver.url}', everyMs: 0, from: beginning}`),
      );
      for (let life = 0; life < 3; life++) {
        const daemon = await prefix.run();
        const before = receiver.deliveries.length;
        receiver.answer = (_, response) => {
          if (receiver.deliveries.length < before + 4) return void response.writeHead(200).end();
          // taken, and dead before the daemon can know
          daemon.process.kill('SIGKILL');
          response.writeHead(200).end();
        };
        await daemon.ended;
      }
      receiver.answer = (_, response) => void response.writeHead(200).end();
      await prefix.run();
      const client = await prefix.connect();
      await until(async () => (await rows(client))['web']?.behind?.batches === 0, 'all of it', LONG);
      const keys = receiver.deliveries.map(({ key }) => key);
      // one delivery a kill at most
      expect(keys.length - new Set(keys).size).toBeLessThanOrEqual(3);
      expect(keys.length - new Set(keys).size).toBeGreaterThan(0);
      const once = receiver.deliveries.filter(({ key }, i) => keys.indexOf(key) === i);
      const got = once.flatMap(({ records }) => records.map(({ t }) => t));
      expect(got).toEqual((await recorded(client)).slice(0, got.length));
      expect(got.length).toBeGreaterThan(10);
      client.close();
    },
    2 * LONG,
  );
});

it(
  'what is configured wrongly fails in words, and everything else goes on',
  async () => {
    const port = await freePort();
    prefix.write('var/lib/muster/token', 'hunter2');
    chmodSync(join(prefix.state, 'token'), 0o644);
    prefix.config(
      station(`  - {id: open, kind: http, url: 'http://127.0.0.1:1/in', tokenFile: token}
  - {id: missing, kind: mqtt, broker: 'mqtt://127.0.0.1:1', user: a, passwordFile: none}
  - {id: metrics, kind: prometheus, port: ${port}}`),
    );
    const daemon = await prefix.run();
    const client = await prefix.connect();
    await until(
      async () => {
        const now = await rows(client);
        return now['open']?.state === 'failing' && now['missing']?.state === 'failing';
      },
      'the words',
      LONG,
    );
    const now = await rows(client);
    expect(now['open']?.problem).toMatch(/tokenFile: .*token can be read by others; run chmod 600/);
    expect(now['missing']?.problem).toMatch(/passwordFile: .*none is missing/);
    const tree = (await client.call.tree({})).rows;
    expect(tree.find(({ path }) => path === 'muster/publisher open')?.lastCause).toContain('chmod 600');
    const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
    const metrics = async () => readExposition(await (await ask('/metrics')).text());
    await until(
      async () => {
        try {
          return (await metrics())['muster_temperature_celsius'] !== undefined;
        } catch {
          return false;
        }
      },
      'a reading',
      LONG,
    );
    const families = await metrics();
    expect(families['muster_sensors']?.samples).toContainEqual({ labels: { state: 'ok' }, value: 1 });
    expect(families['muster_temperature_celsius']?.samples).toEqual([
      {
        labels: { sensor: 'air', channel: 'temperature', name: 'air' },
        value: expect.any(Number),
      },
    ]);
    expect((await ask('/metrics')).headers.get('content-type')).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/metrics', 'POST')).status).toBe(405);
    expect((await rows(client))['metrics']).toMatchObject({ state: 'working', problem: null, behind: null });
    expect(daemon.said()).not.toContain('hunter2');
    client.close();
  },
  LONG,
);
