/** The announcer on loopback, heard by a second multicast socket: announcement, answer, goodbye, a taken name. */
import mdns from 'multicast-dns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sameNet, startAnnouncer } from '../../../device/announce/announcer.ts';
import { SERVICE } from '../../../device/announce/records.ts';
import type { Child } from '../../../device/otp/child.ts';
import { deviceClock } from '../../../device/platform/device-clock.ts';
import { noLog } from '../../../src/shared/log.ts';
import { until } from '../../support/until.ts';

interface Heard {
  name: string;
  type: string;
  ttl: number;
  data: unknown;
}

const LOOPBACK = { interface: 'lo', address: '127.0.0.1', netmask: '255.0.0.0', internal: true };
let listener: ReturnType<typeof mdns>;
let heard: Heard[];
let running: Child[];

beforeEach(async () => {
  heard = [];
  running = [];
  listener = mdns({ interface: '127.0.0.1', bind: '0.0.0.0' });
  listener.on('response', ({ answers, additionals }) => {
    heard.push(...([...(answers ?? []), ...(additionals ?? [])] as unknown as Heard[]));
  });
  await new Promise<void>((resolve) => listener.once('ready', resolve));
});
afterEach(async () => {
  for (const child of running) child.kill();
  await Promise.all(running.map(({ exited }) => exited));
  await new Promise<void>((resolve) => listener.destroy(resolve));
});

function announce(instance: string, id: string, only: string | null = '127.0.0.1'): Child {
  const child = startAnnouncer({
    announcement: { instance, host: `host-${id}`, port: 2200, txt: { id, v: '0.1.0', p: '1' } },
    addresses: () => [LOOPBACK],
    only,
    clock: deviceClock,
    log: noLog,
  });
  running.push(child);
  return child;
}

const mine = `loopback test ${process.pid}`;
const pointers = () => heard.filter(({ type, name }) => type === 'PTR' && name === SERVICE);
const texts = (name: string) =>
  heard
    .filter((row) => row.type === 'TXT' && row.name === `${name}.${SERVICE}`)
    .map(({ data }) => (data as Uint8Array[]).map(String).join(' '));

describe('the announcer', () => {
  it('announces, answers and says goodbye', async () => {
    const child = announce(mine, 'aaa');
    await until(() => texts(mine).includes('id=aaa v=0.1.0 p=1'), 'the announcement');
    expect(heard.find(({ type, name }) => type === 'A' && name === 'host-aaa.local')?.data).toBe('127.0.0.1');
    heard = [];
    listener.query({ questions: [{ name: SERVICE, type: 'PTR' }] });
    await until(() => pointers().some(({ data }) => data === `${mine}.${SERVICE}`), 'the answer');
    heard = [];
    child.shutdown();
    expect(await child.exited).toEqual({ kind: 'shutdown' });
    await until(
      () => pointers().some(({ data, ttl }) => data === `${mine}.${SERVICE}` && ttl === 0),
      'the goodbye',
    );
  });

  it('is silent after its goodbye, whoever asks and whatever was still to be repeated', async () => {
    const child = announce(mine, 'aaa');
    await until(() => texts(mine).length > 0, 'the announcement');
    const asking = setInterval(() => listener.query({ questions: [{ name: SERVICE, type: 'PTR' }] }), 1);
    await until(() => heard.length > 20, 'answers');
    child.shutdown();
    await child.exited;
    clearInterval(asking);
    await until(() => pointers().some(({ ttl }) => ttl === 0), 'the goodbye');
    const ours = pointers().filter(({ data }) => data === `${mine}.${SERVICE}`);
    expect(ours.slice(ours.findIndex(({ ttl }) => ttl === 0)).every(({ ttl }) => ttl === 0)).toBe(true);
  });

  it('gives way when another device has its name', async () => {
    announce(mine, 'aaa');
    await until(() => texts(mine).length > 0, 'the first');
    announce(mine, 'bbb');
    await until(() => texts(`${mine} (2)`).some((text) => text.startsWith('id=bbb')), 'the second name');
    heard = [];
    listener.query({ questions: [{ name: SERVICE, type: 'PTR' }] });
    await until(() => texts(mine).length > 0 && texts(`${mine} (2)`).length > 0, 'both');
    expect(texts(mine).every((text) => text.startsWith('id=aaa'))).toBe(true);
  });

  it('says nothing on loopback unless it is told to', async () => {
    announce(mine, 'quiet', null);
    announce(`${mine} b`, 'loud');
    await until(() => texts(`${mine} b`).length > 0, 'the other');
    expect(texts(mine)).toEqual([]);
  });
});

describe('sameNet', () => {
  it.each([
    ['10.0.0.7', '255.255.255.0', '10.0.0.200', true],
    ['10.0.0.7', '255.255.255.0', '10.0.1.7', false],
    ['192.168.1.2', '255.255.0.0', '192.168.200.1', true],
    ['127.0.0.1', '255.0.0.0', '127.9.9.9', true],
    ['10.0.0.7', '0.0.0.0', '1.2.3.4', true],
  ])('%s/%s and %s: %s', (address, netmask, other, same) => {
    expect(sameNet({ address, netmask }, other)).toBe(same);
  });
});
