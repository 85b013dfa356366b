/**
 * A simulated broker with devices that say twice a second what they measure, each in the words of its kind. Its name in the
 * topics is the kind's.
 */
import type { Clock } from '../../src/shared/time.ts';
import { busMissing } from '../bus/bus.ts';
import type { Ear, MqttBus } from '../bus/mqtt/mqtt-bus.ts';
import { plugIn, type ChipConfig } from './plug.ts';
import { defineChip, type ChipMaker, type Disturbable, type World } from './sim-chip.ts';

interface Teller {
  /** What it says in one go: topics and payloads. */
  say(): [topic: string, payload: string][];
}

function teller(say: (now: (quantity: string) => number) => [string, unknown][]): ChipMaker<Teller> {
  return defineChip<Teller>(
    { temperature: { mean: 18, swing: 6, noise: 0.1 }, humidity: { mean: 55, swing: 15, noise: 0.5 } },
    (world: World) => ({
      say: () =>
        say((quantity) => Number(world.now(quantity).toFixed(2))).map(([topic, payload]) => [
          topic,
          typeof payload === 'string' ? payload : JSON.stringify(payload),
        ]),
    }),
  );
}

const TELLERS: Readonly<Record<string, ChipMaker<Teller>>> = {
  zigbee2mqtt: teller((now) => [
    [
      'zigbee2mqtt/zigbee2mqtt',
      { temperature: now('temperature'), humidity: now('humidity'), battery: 90, linkquality: 120 },
    ],
  ]),
  'zwave-js-ui': teller((now) => [
    [
      'zwave/zwave-js-ui/sensor_multilevel/endpoint_0/Air_temperature',
      { time: 0, value: now('temperature') },
    ],
    ['zwave/zwave-js-ui/sensor_multilevel/endpoint_0/Humidity', { time: 0, value: now('humidity') }],
  ]),
  tasmota: teller((now) => [
    [
      'tele/tasmota/SENSOR',
      {
        Time: '2026-05-03T12:00:00',
        AM2301: { Temperature: now('temperature'), Humidity: now('humidity') },
        TempUnit: 'C',
      },
    ],
  ]),
  'shelly-gen1': teller((now) => [
    ['shellies/shelly-gen1/sensor/temperature', String(now('temperature'))],
    ['shellies/shelly-gen1/sensor/humidity', String(now('humidity'))],
  ]),
  shelly: teller((now) => [
    [
      'shelly/events/rpc',
      {
        src: 'shelly',
        dst: 'shelly/events',
        method: 'NotifyStatus',
        params: {
          ts: 0,
          'temperature:0': { id: 0, tC: now('temperature') },
          'humidity:0': { id: 0, rh: now('humidity') },
        },
      },
    ],
  ]),
};
const EVERY_MS = 500;

export interface SimMqtt extends MqttBus {
  /** The device of that kind. */
  chip(kind: string): Disturbable | undefined;
}

/** Makes the broker with its devices. Throws CONFIG_INVALID naming what is not known. */
export function createSimMqtt(id: string, chips: readonly ChipConfig[], clock: Clock): SimMqtt {
  const made = plugIn(id, chips, TELLERS, (make, config) => [config.chip, make(config, clock)] as const);
  return {
    kind: 'mqtt',
    id,
    chip: (kind) => made.find(([name]) => name === kind)?.[1],
    async listen(topics, ear: Ear) {
      const speakers = made.map(([, chip]) => chip).filter((chip) => tells(chip, topics));
      // the device is not behind the broker, as nobody is behind a wire
      if (speakers.every(({ knobs }) => knobs.unplugged)) throw busMissing(id);
      let messages = 0;
      let cancel = clock.after(EVERY_MS, speak);
      function speak(): void {
        if (speakers.every(({ knobs }) => knobs.unplugged)) return ear.onGone(busMissing(id));
        cancel = clock.after(EVERY_MS, speak);
        for (const speaker of speakers) {
          const { knobs } = speaker;
          if (knobs.unplugged || knobs.hanging) continue;
          for (const [topic, payload] of speaker.say()) {
            const isLost = knobs.nackEvery > 0 && ++messages % knobs.nackEvery === 0;
            if (!isLost && topics.includes(topic)) ear.onMessage(topic, Buffer.from(payload), false);
          }
        }
      }
      return { close: () => cancel() };
    },
  };
}

function tells(chip: Teller, topics: readonly string[]): boolean {
  return chip.say().some(([topic]) => topics.includes(topic));
}
