/** Deliveries to an HTTP server that has bad days, on a test's clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpSender } from '../../../device/publish/http-sender.ts';
import { verdictOf } from '../../../device/publish/http-answer.ts';
import type { Parcel, Reading } from '../../../device/publish/parcel.ts';
import { publisherSchema, type HttpConfig } from '../../../device/publish/publish-config.ts';
import type { Sender } from '../../../device/publish/pump.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startHttpReceiver, type HttpReceiver } from '../../support/http-receiver.ts';
import { until } from '../../support/until.ts';

let clock: FakeClock;
let receiver: HttpReceiver;
let sender: Sender;
let problems: (string | null)[];

function start(settings: Partial<HttpConfig> = {}): void {
  const config = publisherSchema.parse({
    id: 'p',
    kind: 'http',
    url: receiver.url,
    ...settings,
  }) as HttpConfig;
  sender = httpSender({
    config,
    device: 'dev',
    access: () => ({ headers: { authorization: 'Bearer abc' } }),
    onProblem: (error) => void problems.push(error?.message ?? null),
    clock,
    random: () => 0,
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  receiver = await startHttpReceiver();
  problems = [];
});
afterEach(async () => {
  await sender.close();
  await receiver.close();
});

function parcel(count: number): Parcel {
  const channel: Reading['channel'] = {
    index: 0,
    sensor: 'air',
    sensorName: 'Air',
    driver: 'd',
    channel: 'temperature',
    quantity: 'temperature',
    unit: 'Cel',
    decimals: 1,
    periodMs: 1000,
  };
  return {
    first: { run: 3, batch: 7 },
    last: { run: 3, batch: 9 },
    rows: count,
    *readings() {
      for (let i = 0; i < count; i++)
        yield { channel, at: 1_763_848_320_000 + i, clock: 'ntp', value: i, quality: 'ok' };
    },
  };
}

const values = () => receiver.deliveries.flatMap(({ records }) => records.map(({ v }) => v));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
/** Lets the test's clock go on, a step at a time, while real bytes go to and fro. */
async function sent(delivery: Promise<number>, stepMs = 500): Promise<number> {
  let taken: number | null = null;
  void delivery.then((count) => (taken = count));
  await until(async () => {
    await clock.advance(stepMs);
    return taken !== null;
  }, 'the delivery');
  return taken ?? 0;
}

describe('a delivery', () => {
  it('is SenML in parts of a bounded size, each with a name of its own', async () => {
    start({ maxReadings: 4 });
    expect(await sent(sender.send(parcel(10)))).toBe(10);
    expect(values()).toEqual(upTo(10));
    expect(receiver.deliveries.map(({ key }) => key)).toEqual([
      '"dev/3.7-3.9/0"',
      '"dev/3.7-3.9/1"',
      '"dev/3.7-3.9/2"',
    ]);
    const [{ headers, method, records } = { headers: {}, method: '', records: [] }] = receiver.deliveries;
    expect(method).toBe('POST');
    expect(headers).toMatchObject({ 'content-type': 'application/senml+json', authorization: 'Bearer abc' });
    expect(records[0]).toEqual({
      bn: 'urn:uuid:dev/',
      n: 'air/temperature',
      u: 'Cel',
      t: 1_763_848_320,
      v: 0,
    });
  });

  it('of nothing that is wanted asks nobody', async () => {
    start();
    expect(await sender.send(parcel(0))).toBe(0);
    expect(receiver.deliveries).toEqual([]);
  });
});

describe('a server', () => {
  it('that says 503 with Retry-After is left alone for as long', async () => {
    start();
    receiver.answer = (_, response) => {
      if (receiver.deliveries.length > 1) response.writeHead(200).end('thanks');
      else response.writeHead(503, { 'retry-after': '120' }).end();
    };
    const delivery = sender.send(parcel(1));
    await until(() => problems.length > 0, 'the refusal');
    expect(problems).toEqual([expect.stringContaining('answers 503: it cannot take them now')]);
    await clock.advance(119_000);
    expect(receiver.deliveries).toHaveLength(1);
    expect(await sent(delivery)).toBe(1);
    expect(new Set(receiver.deliveries.map(({ key }) => key)).size).toBe(1);
    expect(problems.at(-1)).toBeNull();
  });

  it('that cuts the connection in the middle of a delivery gets it again, under its name', async () => {
    start();
    let cut = 0;
    receiver.onRequest = (request) => {
      if (cut++ >= 2) return false;
      request.socket.destroy();
      return true;
    };
    expect(await sent(sender.send(parcel(500)))).toBe(500);
    expect(values()).toEqual(upTo(500));
    expect(problems[0]).toContain('it cut the connection');
  });

  it('that never answers is given up, in words, and asked again', async () => {
    start({ timeoutMs: 5000 });
    receiver.answer = (_, response) => {
      if (receiver.deliveries.length > 1) response.writeHead(200).end();
    };
    expect(await sent(sender.send(parcel(3)))).toBe(3);
    expect(problems[0]).toContain('no answer in 5000 ms');
    expect(receiver.deliveries).toHaveLength(2);
  });

  it('that finds it too large gets it in halves, in order', async () => {
    start();
    receiver.answer = ({ records }, response) => {
      if (records.length > 30) receiver.deliveries.pop();
      response.writeHead(records.length > 30 ? 413 : 200).end();
    };
    expect(await sent(sender.send(parcel(100)))).toBe(100);
    expect(values()).toEqual(upTo(100));
    expect(new Set(receiver.deliveries.map(({ key }) => key)).size).toBe(receiver.deliveries.length);
  });

  it.each([
    [401, 'correct tokenFile or headersFile'],
    [400, 'it does not understand what we send'],
    [302, 'it has moved; put its new address into url'],
  ])('that answers %i is told of, not stormed and not followed', async (status, words) => {
    start();
    let isMended = false;
    receiver.answer = (_, response) =>
      void response.writeHead(isMended ? 200 : status, { location: '/elsewhere' }).end();
    const delivery = sender.send(parcel(1));
    await until(() => problems.length > 0, 'the refusal');
    expect(problems[0]).toContain(words);
    await clock.advance(59_000);
    expect(receiver.deliveries).toHaveLength(1);
    isMended = true;
    expect(await sent(delivery)).toBe(1);
  });

  it('that nobody answers for is told of, with the wait between tries growing', async () => {
    start();
    await receiver.close();
    const delivery = sender.send(parcel(1));
    await until(() => problems.length > 0, 'the first try');
    expect(problems[0]).toContain('nobody listens there');
    await sender.close();
    expect(await delivery).toBeGreaterThanOrEqual(0);
  });
});

describe('Retry-After', () => {
  const wait = (text: string) => {
    const verdict = verdictOf('u', 429, text, Date.UTC(2026, 0, 1));
    return verdict.kind === 'again' ? verdict.afterMs : 'none';
  };
  it('is seconds or a date, at most an hour', () => {
    expect(wait('7')).toBe(7000);
    expect(wait('Thu, 01 Jan 2026 00:00:30 GMT')).toBe(30_000);
    expect(wait('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
    expect(wait('999999999')).toBe(3_600_000);
    expect(wait('soon')).toBeNull();
  });
});
