/**
 * Who speaks on a broker: what is heard in a few seconds, understood by the drivers' own shapes.
 * Refuses: to ask anybody anything. Devices that sleep are heard only if they wake meanwhile, or the broker kept a word.
 */
import type { Clock } from '../../../src/shared/time.ts';
import type { MqttBus } from '../../bus/mqtt/mqtt-bus.ts';
import { shellyGen1, shellyGen1Telling } from '../shelly-gen1/shelly-gen1.ts';
import { shelly, shellyTelling } from '../shelly/shelly.ts';
import { tasmota, tasmotaTelling } from '../tasmota/tasmota.ts';
import { zigbee2mqtt, zigbeeTelling } from '../zigbee2mqtt/zigbee2mqtt.ts';
import { zwaveJsUi, zwaveTelling } from '../zwave-js-ui/zwave-js-ui.ts';
import { saidIn } from './said.ts';
import type { TellingDriver } from './listening.ts';
import type { Telling } from './telling.ts';

interface Shape {
  driver: TellingDriver;
  tell: (options: Readonly<Record<string, unknown>>) => Telling;
  /** Its group is the device's name. */
  topic: RegExp;
}

const SHAPES: readonly Shape[] = [
  {
    driver: zigbee2mqtt,
    tell: zigbeeTelling,
    topic: /^zigbee2mqtt\/(?!bridge\/)([^+#]{1,200})(?<!\/(?:set|get))$/,
  },
  { driver: zwaveJsUi, tell: zwaveTelling, topic: /^zwave\/([^+#]{1,200}?)\/[a-z_]+\/endpoint_0\/\w+$/ },
  { driver: tasmota, tell: tasmotaTelling, topic: /^tele\/([^+#]{1,200})\/SENSOR$/ },
  { driver: shellyGen1, tell: shellyGen1Telling, topic: /^shellies\/([^+#/]{1,200})\/./ },
  { driver: shelly, tell: shellyTelling, topic: /^([^+#]{1,200})\/(?:events\/rpc|status\/[a-z]+:0)$/ },
];

/** A device, and which of the values that its driver knows it told. */
export interface Speaker {
  driver: string;
  title: string;
  device: string;
  measures: string[];
}

/** Who says such a message; null when no driver knows. Pure. */
export function speakerOf(topic: string, payload: Uint8Array): Speaker | null {
  for (const { driver, tell, topic: pattern } of SHAPES) {
    const device = pattern.exec(topic)?.[1];
    if (device === undefined) continue;
    const said = saidIn(payload);
    const measures = tell({ device, measures: driver.measures }).values.flatMap(({ declared, sources }) =>
      sources.some((source) => source.topic === topic && !Number.isNaN(source.read(said)))
        ? [declared.channel]
        : [],
    );
    if (measures.length > 0) return { driver: driver.id, title: driver.title, device, measures };
  }
  return null;
}

/** How long it is listened, ms: most that are on the mains speak within. */
const LISTEN_MS = 10_000;
/** Most devices that are told. */
const MOST = 500;

/** Rejects as the bus does. */
export async function whoSpeaks(bus: MqttBus, clock: Clock): Promise<Speaker[]> {
  const found = new Map<string, Speaker>();
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ear = await bus.listen(['#'], {
    onMessage(topic, payload) {
      const speaker = speakerOf(topic, payload);
      if (!speaker) return;
      const key = `${speaker.driver} ${speaker.device}`;
      const known = found.get(key);
      if (known) known.measures = [...new Set([...known.measures, ...speaker.measures])];
      else if (found.size < MOST) found.set(key, speaker);
    },
    onGone: () => end(),
  });
  clock.after(LISTEN_MS, end);
  await over;
  ear.close();
  return [...found.values()].toSorted((a, b) => a.device.localeCompare(b.device, 'en', { numeric: true }));
}
