import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createBrokerBus } from '../../../../device/bus/mqtt/broker-bus.ts';
import { speakerOf } from '../../../../device/drivers/mqtt/speakers.ts';
import { lookAtBus } from '../../../../device/host/look-at-bus.ts';
import { deviceClock } from '../../../../device/platform/device-clock.ts';
import { startMosquitto, type Mosquitto } from '../../../support/mosquitto.ts';
import { mqttPeer, type MqttPeer } from '../../../support/mqtt-peer.ts';
import { need } from '../../../support/need.ts';

const heard = (topic: string, payload: string) => speakerOf(topic, Buffer.from(payload));

describe('who speaks', () => {
  it.each([
    [
      'zigbee2mqtt/farm/attic',
      '{"temperature":21,"humidity":40,"update":{}}',
      'zigbee2mqtt',
      'farm/attic',
      ['temperature', 'humidity'],
    ],
    [
      'zwave/cellar/freezer/sensor_multilevel/endpoint_0/Air_temperature',
      '{"time":1,"value":-18}',
      'zwave-js-ui',
      'cellar/freezer',
      ['temperature'],
    ],
    [
      'tele/stall/SENSOR',
      '{"Time":"x","DS18B20":{"Temperature":6.9},"TempUnit":"C"}',
      'tasmota',
      'stall',
      ['temperature'],
    ],
    ['shellies/shellyht-F3A1B2/sensor/humidity', '48', 'shelly-gen1', 'shellyht-F3A1B2', ['humidity']],
    [
      'shellyplusht-c4/events/rpc',
      '{"method":"NotifyStatus","params":{"temperature:0":{"tC":19}}}',
      'shelly',
      'shellyplusht-c4',
      ['temperature'],
    ],
    ['plug/status/switch:0', '{"id":0,"output":true,"apower":8.9}', 'shelly', 'plug', ['power', 'state']],
  ])('%s', (topic, payload, driver, device, measures) => {
    expect(heard(topic, payload)).toMatchObject({ driver, device, measures });
  });

  it.each([
    ['zigbee2mqtt/bridge/state', '{"state":"ON"}'],
    ['zigbee2mqtt/lamp/set', '{"state":"ON"}'],
    ['zigbee2mqtt/attic', 'garbage'],
    ['tele/stall/STATE', '{"Temperature":1}'],
    ['some/thing', '21'],
  ])('nobody that is known on %s', (topic, payload) => {
    expect(heard(topic, payload)).toBeNull();
  });

  it('is nobody without a value, whatever is said', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('zigbee2mqtt', 'tele', 'SENSOR', 'shellies', 'status', '+', '#'),
    );
    fc.assert(
      fc.property(fc.array(part), fc.json(), (levels, payload) => {
        const speaker = heard(levels.join('/'), payload);
        expect(speaker === null || speaker.measures.length > 0).toBe(true);
      }),
    );
  });
});

describe.skipIf(!need('mosquitto'))('a look at a broker', () => {
  let broker: Mosquitto;
  let device: MqttPeer;
  afterEach(async () => {
    await device.end();
    await broker.remove();
  });

  it('names who spoke, with what a sensor there is to be told', async () => {
    broker = await startMosquitto();
    device = await mqttPeer(broker.url);
    await device.publish('zigbee2mqtt/attic', '{"temperature":21}', { retain: true });
    await device.publish('tele/stall/SENSOR', '{"AM2301":{"Humidity":50}}', { retain: true });
    const bus = createBrokerBus(
      'house',
      broker.url,
      () => ({ broker: broker.url, clientId: 'look' }),
      deviceClock,
    );
    const sensors = [
      { id: 'stall', driver: 'tasmota', bus: 'house', options: { device: 'stall', measures: ['humidity'] } },
    ];
    const look = await lookAtBus(bus, { sensors, drivers: [], clock: deviceClock, measures: () => true });
    expect(look.found).toMatchObject([
      {
        place: 'attic',
        chips: [{ driver: 'zigbee2mqtt', sure: true, options: { measures: ['temperature'] } }],
        sensors: [],
      },
      { place: 'stall', sensors: [{ sensor: 'stall' }] },
    ]);
  }, 60_000);
});
