/** The broker that a bus hears is gone, and comes back: said in words, nothing made up, measured again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { hearingDaemon, type HearingDaemon } from '../support/mqtt-device.ts';
import { mqttPeer } from '../support/mqtt-peer.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

const OPTIONS = { device: 'attic', measures: ['temperature'] };

describe.skipIf(!need('mosquitto'))('a broker', () => {
  let broker: Mosquitto;
  let daemon: HearingDaemon;
  beforeEach(async () => {
    broker = await startMosquitto();
    daemon = await hearingDaemon({ broker: broker.url }, [
      { id: 'attic', driver: 'zigbee2mqtt', options: OPTIONS },
    ]);
  });
  afterEach(async () => {
    await daemon.remove();
    await broker.remove();
  });

  async function say(temperature: number): Promise<void> {
    const device = await mqttPeer(broker.url);
    await device.publish('zigbee2mqtt/attic', JSON.stringify({ temperature }));
    await device.end();
  }

  it('that is gone makes its sensors fail with its name, and is heard again when it is back', async () => {
    await until(async () => (await daemon.state('attic'))?.state === 'ok', 'the sensor', 60_000);
    await say(21.5);
    const values = () => daemon.recorded('attic', 'temperature');
    await until(async () => (await values()).includes('21.5 ok'), 'the first value', 30_000);
    await broker.stop();
    await until(async () => (await daemon.state('attic'))?.state === 'failing', 'the failure', 30_000);
    expect((await daemon.state('attic'))?.lastError).toContain(broker.url);
    await broker.start();
    await until(async () => (await daemon.state('attic'))?.state === 'ok', 'being heard again', 60_000);
    await say(22.5);
    await until(async () => (await values()).includes('22.5 ok'), 'the second value', 30_000);
    // one reading for each word, and gaps between
    const all = await values();
    expect(all.filter((reading) => reading === '21.5 ok')).toHaveLength(1);
    expect(new Set(all)).toEqual(new Set(['21.5 ok', '22.5 ok', 'NaN missing']));
    expect(await daemon.restarts()).toEqual([]);
    expect((await daemon.recorded('beside', 'state')).length).toBeGreaterThan(10);
  }, 180_000);
});
