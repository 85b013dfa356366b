import { beforeEach, describe, expect, it } from 'vitest';
import type { DriverContext, OpenSensor } from '../../../../device/drivers/driver.ts';
import { mqttTopic } from '../../../../device/drivers/mqtt-topic/mqtt-topic.ts';
import { zigbee2mqtt } from '../../../../device/drivers/zigbee2mqtt/zigbee2mqtt.ts';
import { MusterError } from '../../../../src/shared/errors.ts';
import { qualityName } from '../../../../src/shared/reading.ts';
import { FakeBroker } from '../../../support/fake-broker.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

const SILENT_MS = 600_000;
const TOPIC = 'zigbee2mqtt/attic';

let broker: FakeBroker;
let clock: FakeClock;
let context: DriverContext;
beforeEach(() => {
  broker = new FakeBroker();
  clock = new FakeClock();
  const options = { device: 'attic', measures: ['temperature', 'humidity'], silentMs: SILENT_MS };
  context = { bus: broker, address: 0, options, machine: undefined as never, clock };
});

/** A reading under way: what it came to, or null. */
function reading(sensor: OpenSensor): { result: string[] | string | null } {
  const values = new Float64Array(2).fill(Number.NaN);
  const quality = new Uint8Array(2);
  const here: { result: string[] | string | null } = { result: null };
  void Promise.resolve(sensor.read(values, quality)).then(
    () => (here.result = [...values].map((value, i) => `${value} ${qualityName(quality[i] as number)}`)),
    (error: unknown) =>
      (here.result = error instanceof MusterError ? `${error.code} ${error.message}` : 'no'),
  );
  return here;
}

async function read(sensor: OpenSensor): Promise<string[] | string | null> {
  const here = reading(sensor);
  await settle();
  return here.result;
}

/** A sensor that has had its first reading. */
async function opened(): Promise<OpenSensor> {
  const sensor = await zigbee2mqtt.open(context);
  expect(await read(sensor)).toEqual(['NaN stale', 'NaN stale']);
  return sensor;
}

describe('a sensor that is told its values', () => {
  it('reads each word once, at the time it comes', async () => {
    const sensor = await opened();
    const here = reading(sensor);
    await clock.advance(60_000);
    expect(here.result).toBeNull();
    broker.say(TOPIC, { temperature: 21.3, humidity: 40 });
    await settle();
    expect(here.result).toEqual(['21.3 ok', '40 ok']);
    const next = reading(sensor);
    await clock.advance(60_000);
    expect(next.result).toBeNull();
  });

  it('takes the newest of many words', async () => {
    const sensor = await opened();
    for (let i = 0; i < 1000; i++) broker.say(TOPIC, { temperature: i, humidity: 40 });
    expect(await read(sensor)).toEqual(['999 ok', '40 ok']);
  });

  it('calls what the newest word did not name stale, and gives it up when it is too old', async () => {
    const sensor = await opened();
    broker.say(TOPIC, { temperature: 21.3, humidity: 40 });
    await read(sensor);
    broker.say(TOPIC, { temperature: 22 });
    expect(await read(sensor)).toEqual(['22 ok', '40 stale']);
    await clock.advance(SILENT_MS - 1000);
    broker.say(TOPIC, { temperature: 23 });
    expect(await read(sensor)).toEqual(['23 ok', '40 stale']);
    await clock.advance(2000);
    broker.say(TOPIC, { temperature: 24 });
    expect(await read(sensor)).toEqual(['24 ok', 'NaN stale']);
  });

  it('takes nothing that the broker kept for a new reading', async () => {
    const sensor = await opened();
    broker.say(TOPIC, { temperature: 5, humidity: 60 }, true);
    const here = reading(sensor);
    await clock.advance(1000);
    expect(here.result).toBeNull();
    broker.say(TOPIC, { humidity: 41 });
    await settle();
    expect(here.result).toEqual(['5 stale', '41 ok']);
  });

  it('fails when its device is said to be offline, and is well again when that speaks', async () => {
    const sensor = await opened();
    broker.say(`${TOPIC}/availability`, { state: 'offline' }, true);
    expect(await read(sensor)).toContain('attic is offline');
    sensor.close?.();
    expect(broker.topics).toEqual([]);
    // set up anew it is no better before the device has said something
    const again = await zigbee2mqtt.open(context);
    const here = reading(again);
    await clock.advance(5000);
    expect(here.result).toBeNull();
    broker.say(`${TOPIC}/availability`, 'online');
    broker.say(TOPIC, { temperature: 20, humidity: 50 });
    await settle();
    expect(here.result).toEqual(['20 ok', '50 ok']);
  });

  it('fails when its device is silent for too long', async () => {
    const sensor = await opened();
    const here = reading(sensor);
    await clock.advance(SILENT_MS - 1);
    expect(here.result).toBeNull();
    await clock.advance(2);
    expect(here.result).toContain('attic has said nothing new for 10 min');
  });

  it('says when its device speaks of other things only', async () => {
    const sensor = await opened();
    const here = reading(sensor);
    broker.say(TOPIC, { linkquality: 90 });
    await clock.advance(SILENT_MS + 1);
    expect(here.result).toContain('none of the values that are configured');
  });

  it.each([
    ['no JSON', '{"temperature":'],
    ['a word', 'hello'],
    ['bytes', '\u0000\u0001'],
    ['too long', `"${'x'.repeat(70_000)}"`],
  ])('fails after three times %s', async (_, payload) => {
    const sensor = await opened();
    const here = reading(sensor);
    for (let i = 0; i < 3; i++) {
      expect(here.result).toBeNull();
      broker.say(TOPIC, payload);
      await settle();
    }
    expect(here.result).toMatch(/^DRIVER_UNREADABLE .*holds no number/);
  });

  it('fails when the broker is gone', async () => {
    const sensor = await opened();
    const here = reading(sensor);
    broker.cut(new MusterError('BROKER_UNREACHABLE', 'the broker is gone'));
    await settle();
    expect(here.result).toBe('BROKER_UNREACHABLE the broker is gone');
    broker.down = new MusterError('BROKER_UNREACHABLE', 'the broker is gone');
    await expect(zigbee2mqtt.open(context)).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
  });

  it('lets go of its topics when it is closed in the middle', async () => {
    const sensor = await opened();
    const here = reading(sensor);
    sensor.close?.();
    await settle();
    expect(here.result).toMatch(/^BUS_NACK/);
    expect(broker.topics).toEqual([]);
  });
});

describe('options', () => {
  const open = (driver: typeof mqttTopic, options: Record<string, unknown>) =>
    driver.open({ ...context, options });

  it.each([
    [zigbee2mqtt, {}, 'options.device: names no device'],
    [zigbee2mqtt, { device: 'a' }, 'options.measures: names nothing to read; known: temperature'],
    [mqttTopic, {}, 'options.channels: names nothing to read'],
  ])('are refused when they name nothing', async (driver, options, words) => {
    await expect(open(driver, options)).rejects.toThrow(words);
  });

  it.each([
    [zigbee2mqtt, { device: 'a/#', measures: ['temperature'] }, 'without + and #'],
    [zigbee2mqtt, { device: 'a', measures: ['warmth'] }, 'must be some of temperature'],
    [zigbee2mqtt, { device: 'a', measures: ['humidity', 'humidity'] }, 'names one twice'],
    [
      mqttTopic,
      { channels: [{ channel: 'a', quantity: 'signal' }] },
      'options.channels.0.topic: names no topic',
    ],
  ])('are refused when they cannot be', (driver, options, words) => {
    expect(() => driver.channels({ machine: undefined as never, options })).toThrow(words);
  });
});
