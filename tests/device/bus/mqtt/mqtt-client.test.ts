import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  connectBroker,
  LONGEST_PACKET,
  type BrokerAccess,
  type BrokerLink,
  type BrokerOptions,
} from '../../../../device/bus/mqtt/mqtt-client.ts';
import { deviceClock } from '../../../../device/platform/device-clock.ts';
import type { MusterError } from '../../../../src/shared/errors.ts';
import { startMosquitto, type Mosquitto, type MosquittoOptions } from '../../../support/mosquitto.ts';
import { mqttPeer, type MqttPeer } from '../../../support/mqtt-peer.ts';
import { need } from '../../../support/need.ts';
import { freePort } from '../../../support/sshd.ts';
import { until } from '../../../support/until.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).toReversed()) await end();
});

async function broker(options?: MosquittoOptions): Promise<Mosquitto> {
  const made = await startMosquitto(options);
  cleanup.push(() => made.remove());
  return made;
}

async function peer(url: string): Promise<MqttPeer> {
  const made = await mqttPeer(url);
  cleanup.push(() => made.end());
  return made;
}

interface Seen {
  link: BrokerLink;
  ups: number;
  downs: MusterError[];
  messages: { topic: string; text: string; isRetained: boolean }[];
}

function link(url: string, access: Partial<BrokerAccess> = {}, more: Partial<BrokerOptions> = {}): Seen {
  const seen: Omit<Seen, 'link'> = { ups: 0, downs: [], messages: [] };
  const made = connectBroker({
    broker: url,
    access: () => ({ broker: url, clientId: 'muster-test', ...access }),
    clock: deviceClock,
    onUp: () => seen.ups++,
    onDown: (error) => seen.downs.push(error),
    onMessage: (topic, payload, isRetained) =>
      seen.messages.push({ topic, text: Buffer.from(payload).toString().slice(0, 40), isRetained }),
    ...more,
  });
  cleanup.push(() => made.close());
  return Object.assign(seen, { link: made });
}

async function server(onBytes: (reply: (bytes: Uint8Array) => void, bytes: Buffer) => void): Promise<string> {
  const made: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => onBytes((reply) => socket.write(reply), bytes));
    cleanup.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve);
  });
  cleanup.push(() => made.close());
  return `mqtt://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

describe.skipIf(!need('mosquitto'))('with a broker', () => {
  it('says, hears, knows what was kept, and leaves its last words', async () => {
    const { url } = await broker();
    const other = await peer(url);
    await other.publish('a/old', '1', { retain: true });
    await other.hear('our/#');
    const here = link(url, {}, { lastWords: { topic: 'our/state', payload: 'gone', isRetained: true } });
    await until(() => here.ups === 1, 'the connection');
    await here.link.subscribe(['a/old', 'a/new']);
    await other.publish('a/new', '2', { retain: true });
    await until(() => here.messages.length === 2, 'both messages');
    expect(here.messages).toEqual([
      { topic: 'a/old', text: '1', isRetained: true },
      { topic: 'a/new', text: '2', isRetained: false },
    ]);
    await here.link.publish({ topic: 'our/value', payload: '21.5', isRetained: false });
    await here.link.close();
    await until(() => other.heard.length === 2, 'the last words');
    expect(other.heard.map(({ topic, text }) => `${topic} ${text}`)).toEqual([
      'our/value 21.5',
      'our/state gone',
    ]);
    expect(here.downs).toEqual([]);
  });

  it('comes back after the broker was gone, and says what could not be sent', async () => {
    const made = await broker();
    const here = link(made.url);
    await until(() => here.ups === 1, 'the connection');
    await made.stop();
    await until(() => here.downs.length > 0, 'the end of it');
    expect(here.downs[0]).toMatchObject({ code: 'BROKER_UNREACHABLE', details: { broker: made.url } });
    await expect(here.link.publish({ topic: 'a', payload: 'b', isRetained: false })).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
    });
    await made.start();
    await until(() => here.ups === 2, 'the connection again');
    await here.link.publish({ topic: 'a', payload: 'b', isRetained: false });
  });

  it('tells a refused password from a missing one, and takes a mended one', async () => {
    const { url } = await broker({ users: { station: 'right' } });
    let password: string | undefined = 'wrong';
    const here = link(url, {}, { access: () => ({ broker: url, clientId: 'x', user: 'station', password }) });
    await until(() => here.downs.length > 0, 'the refusal');
    expect(here.downs[0]?.code).toBe('BROKER_REFUSED');
    expect(here.downs[0]?.message).toMatch(/user|password/);
    expect(JSON.stringify(here.downs)).not.toContain('wrong');
    password = 'right';
    await until(() => here.ups === 1, 'being let in');
  });

  it('is never sent more than it takes', async () => {
    const { url } = await broker();
    const other = await peer(url);
    const here = link(url);
    await until(() => here.ups === 1, 'the connection');
    await here.link.subscribe(['big', 'small']);
    await other.publish('big', Buffer.alloc(5_000_000, 'x'));
    await other.publish('small', 'after');
    await until(() => here.messages.length > 0, 'the message after the big one');
    expect(here.messages).toEqual([{ topic: 'small', text: 'after', isRetained: false }]);
    expect(here.downs).toEqual([]);
  });
});

it('names what is not there', async () => {
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  const here = link(url);
  await until(() => here.downs.length > 0, 'the end of a try');
  expect(here.downs[0]).toMatchObject({ code: 'BROKER_UNREACHABLE' });
  expect(here.downs[0]?.message).toContain(url);
  expect(here.downs[0]?.message).toContain('nobody listens there');
});

it('speaks MQTT 3.1.1 with a broker that knows no other', async () => {
  const versions: number[] = [];
  const url = await server((reply, bytes) => {
    // MQTT 3.1.1 section 3.1.2.2: the level follows the name
    if (bytes[0] !== 0x10) return;
    versions.push(bytes[8] as number);
    reply(Uint8Array.of(0x20, 2, 0, bytes[8] === 4 ? 0 : 1));
  });
  const here = link(url);
  await until(() => here.ups === 1, 'the connection');
  expect(versions).toEqual([5, 4]);
  expect(here.downs).toEqual([]);
});

it('says why a broker sent it away', async () => {
  const url = await server((reply, bytes) => {
    // MQTT 5: CONNACK, then DISCONNECT with 0x8e, session taken over (section 3.14.2.1)
    if (bytes[0] === 0x10) reply(Uint8Array.of(0x20, 3, 0, 0, 0, 0xe0, 2, 0x8e, 0));
  });
  const here = link(url);
  await until(() => here.downs.length > 0, 'being sent away');
  expect(here.downs[0]).toMatchObject({ code: 'BROKER_REFUSED' });
  expect(here.downs[0]?.message).toContain('another client of the same id');
});

it('cuts off an old broker that sends an endless message', async () => {
  let sent = 0;
  const url = await server((reply, bytes) => {
    if (bytes[0] !== 0x10) return;
    if (bytes[8] !== 4) return reply(Uint8Array.of(0x20, 2, 0, 1));
    reply(Uint8Array.of(0x20, 2, 0, 0));
    // PUBLISH with 268,435,455 bytes to come
    reply(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
    for (let i = 0; i < 20; i++, sent += LONGEST_PACKET) reply(Buffer.alloc(LONGEST_PACKET));
  });
  const here = link(url);
  await until(() => here.downs.length > 0, 'the cut');
  expect(here.downs[0]).toMatchObject({ code: 'BROKER_REFUSED' });
  expect(here.messages).toEqual([]);
});

it('lets a turn of the event loop pass after each piece of a storm', async () => {
  // PUBLISH on "a" with a payload of 100 bytes, MQTT 3.1.1
  const message = Buffer.concat([Uint8Array.of(0x30, 103, 0, 1, 0x61), Buffer.alloc(100, 0x31)]);
  const storm = Buffer.concat(Array.from({ length: 100_000 }, () => message));
  const url = await server((reply, bytes) => {
    if (bytes[0] !== 0x10) return;
    if (bytes[8] !== 4) return reply(Uint8Array.of(0x20, 2, 0, 1));
    reply(Uint8Array.of(0x20, 2, 0, 0));
    reply(storm);
  });
  let heard = 0;
  let inTurn = 0;
  let most = 0;
  const turn = (): void => {
    most = Math.max(most, inTurn);
    inTurn = 0;
    if (heard < 100_000) setImmediate(turn);
  };
  setImmediate(turn);
  link(
    url,
    {},
    {
      onMessage() {
        heard++;
        inTurn++;
      },
    },
  );
  await until(() => heard === 100_000, 'all of it', 60_000);
  // a piece is 8 KB, and what was left of the one before
  expect(most).toBeLessThanOrEqual(2 * Math.ceil(8192 / message.length));
});

it('knows a server that speaks something else', async () => {
  const url = await server((reply) => reply(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const here = link(url);
  await until(() => here.downs.length > 0, 'the end of a try');
  expect(here.downs[0]?.code).toMatch(/^BROKER_/);
});
