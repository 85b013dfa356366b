/** What the makers' documentation shows, as each driver understands it. */
import { describe, expect, it } from 'vitest';
import { saidIn } from '../../../../device/drivers/mqtt/said.ts';
import type { Telling } from '../../../../device/drivers/mqtt/telling.ts';
import { topicTelling } from '../../../../device/drivers/mqtt-topic/mqtt-topic.ts';
import { shellyGen1Telling } from '../../../../device/drivers/shelly-gen1/shelly-gen1.ts';
import { shellyTelling } from '../../../../device/drivers/shelly/shelly.ts';
import { tasmotaTelling } from '../../../../device/drivers/tasmota/tasmota.ts';
import { zigbeeTelling } from '../../../../device/drivers/zigbee2mqtt/zigbee2mqtt.ts';
import { zwaveTelling } from '../../../../device/drivers/zwave-js-ui/zwave-js-ui.ts';

/** Numbers by channel that a message brings; two decimals. */
function heard(telling: Telling, topic: string, payload: string): Record<string, number> {
  const said = saidIn(Buffer.from(payload));
  const rows = telling.values.flatMap(({ declared, sources }) =>
    sources
      .filter((source) => source.topic === topic)
      .map(({ read }) => [declared.channel, Math.round(read(said) * 100) / 100] as const)
      .filter(([, value]) => !Number.isNaN(value)),
  );
  return Object.fromEntries(rows);
}

function isThere({ presence }: Telling, payload: string): boolean | null | undefined {
  return presence?.isThere(saidIn(Buffer.from(payload)));
}

const CLIMATE = ['temperature', 'humidity'];

describe('zigbee2mqtt', () => {
  it('one object with everything, hPa as Pa', () => {
    const telling = zigbeeTelling({
      device: 'farm/attic',
      measures: [...CLIMATE, 'pressure', 'battery', 'contact'],
    });
    const payload =
      '{"battery":87,"contact":true,"humidity":44.72,"linkquality":120,"pressure":985.3,"temperature":27.34}';
    expect(heard(telling, 'zigbee2mqtt/farm/attic', payload)).toEqual({
      temperature: 27.34,
      humidity: 44.72,
      pressure: 98_530,
      battery: 87,
      contact: 1,
    });
    expect(telling.presence?.topic).toBe('zigbee2mqtt/farm/attic/availability');
    expect(isThere(telling, '{"state":"offline"}')).toBe(false);
    expect(isThere(telling, 'online')).toBe(true);
    expect(isThere(telling, '')).toBeNull();
  });
});

describe('Z-Wave JS UI', () => {
  const telling = zwaveTelling({ device: 'cellar/freezer', measures: [...CLIMATE, 'battery'] });
  const topic = 'zwave/cellar/freezer/sensor_multilevel/endpoint_0/Air_temperature';
  it.each([
    ['time and value', '{"time":1548683523859,"value":-18.5}', -18.5],
    ['the whole value', '{"id":"49-0-Air temperature","nodeId":8,"unit":"°C","value":-18.5}', -18.5],
    ['the whole value in °F', '{"id":"49-0-Air temperature","unit":"°F","value":14}', -10],
    ['just the value', '-18.5', -18.5],
  ])('%s', (_, payload, temperature) => {
    expect(heard(telling, topic, payload)).toEqual({ temperature });
  });
  it('its other topics', () => {
    expect(heard(telling, 'zwave/cellar/freezer/battery/endpoint_0/level', '{"time":1,"value":90}')).toEqual({
      battery: 90,
    });
    expect(isThere(telling, '{"time":1,"value":false,"status":"Asleep","nodeId":8}')).toBe(true);
    expect(isThere(telling, '{"time":1,"value":false,"status":"Dead","nodeId":8}')).toBe(false);
  });
});

describe('Tasmota', () => {
  const payload =
    '{"Time":"2026-05-03T12:00:00","DS18B20":{"Id":"0316A279C254","Temperature":6.9},"BME280":{"Temperature":70.0,"Humidity":48.5,"Pressure":750.0},"PressureUnit":"mmHg","TempUnit":"F"}';
  it('the first chip that has a value, in our units', () => {
    const telling = tasmotaTelling({ device: 'stall', measures: [...CLIMATE, 'pressure'] });
    expect(heard(telling, 'tele/stall/SENSOR', payload)).toEqual({
      temperature: -13.94,
      humidity: 48.5,
      pressure: 99_991.5,
    });
    expect(isThere(telling, 'Online')).toBe(true);
    expect(isThere(telling, 'Offline')).toBe(false);
  });
  it('the chip that is named', () => {
    const telling = tasmotaTelling({ device: 'stall', chip: 'BME280', measures: ['temperature'] });
    expect(heard(telling, 'tele/stall/SENSOR', payload)).toEqual({ temperature: 21.11 });
  });
  it('a plug', () => {
    const telling = tasmotaTelling({ device: 'plug', measures: ['power', 'voltage', 'current'] });
    const energy =
      '{"Time":"2026-05-03T12:00:00","ENERGY":{"Total":3.1,"Power":42,"Voltage":231,"Current":0.18}}';
    expect(heard(telling, 'tele/plug/SENSOR', energy)).toEqual({ power: 42, voltage: 231, current: 0.18 });
  });
});

describe('Shelly', () => {
  it('the first generation: a topic a value', () => {
    const telling = shellyGen1Telling({ device: 'shellyht-F3A1B2', measures: [...CLIMATE, 'battery'] });
    expect(heard(telling, 'shellies/shellyht-F3A1B2/sensor/temperature', '21.50')).toEqual({
      temperature: 21.5,
    });
    // it sleeps on its battery
    expect(telling.presence).toBeNull();
    const plug = shellyGen1Telling({ device: 'shelly1pm-B4', measures: ['power', 'state'] });
    expect(heard(plug, 'shellies/shelly1pm-B4/relay/0', 'on')).toEqual({ state: 1 });
    expect(heard(plug, 'shellies/shelly1pm-B4/relay/0/power', '42.15')).toEqual({ power: 42.15 });
    expect(isThere(plug, 'false')).toBe(false);
  });
  it('later generations: notifications of what changed, and the status of a component', () => {
    const device = 'shellyplusht-b8d61a8b17cc';
    const telling = shellyTelling({ device, measures: [...CLIMATE, 'battery'] });
    const full =
      '{"src":"shellyplusht-b8d61a8b17cc","dst":"shellyplusht-b8d61a8b17cc/events","method":"NotifyFullStatus","params":{"ts":1680962879.62,"devicepower:0":{"id":0,"battery":{"V":5.1,"percent":80}},"humidity:0":{"id":0,"rh":42.2},"temperature:0":{"id":0,"tC":19.8,"tF":67.6}}}';
    expect(heard(telling, `${device}/events/rpc`, full)).toEqual({
      temperature: 19.8,
      humidity: 42.2,
      battery: 80,
    });
    expect(heard(telling, `${device}/status/temperature:0`, '{"id":0,"tC":19.9,"tF":67.8}')).toEqual({
      temperature: 19.9,
    });
    const plug = shellyTelling({ device: 'plug', measures: ['power', 'state'] });
    const changed =
      '{"method":"NotifyStatus","params":{"ts":1.5,"switch:0":{"id":0,"apower":8.9,"output":true}}}';
    expect(heard(plug, 'plug/events/rpc', changed)).toEqual({ power: 8.9, state: 1 });
    expect(isThere(plug, 'true')).toBe(true);
  });
});

it('topics by declaration', () => {
  const telling = topicTelling({
    topic: 'farm/tank',
    channels: [
      { channel: 'level', quantity: 'length', path: 'level.cm', scale: 0.01, offset: 0.1 },
      { channel: 'pump', quantity: 'state', topic: 'farm/pump' },
    ],
    presence: { topic: 'farm/alive', online: '1', offline: '0' },
  });
  expect(heard(telling, 'farm/tank', '{"level":{"cm":120}}')).toEqual({ level: 1.3 });
  expect(heard(telling, 'farm/pump', 'ON')).toEqual({ pump: 1 });
  expect([isThere(telling, '1'), isThere(telling, '0'), isThere(telling, '2')]).toEqual([true, false, null]);
});
