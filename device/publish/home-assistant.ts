/**
 * How Home Assistant learns of our channels: one retained message a channel (MQTT discovery,
 * home-assistant.io/integrations/mqtt/#mqtt-discovery). Pure.
 * What is measured is told by a device class only where its unit is one that the class takes
 * (homeassistant/components/sensor/const.py, DEVICE_CLASS_UNITS); the rest is a number with a unit.
 */
import { QUANTITIES, type Quantity } from '../../src/shared/quantity.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';
import { VERSION } from '../../src/shared/version.ts';
import { plainName } from './senml.ts';
import type { PublisherPlan } from './publish-contract.ts';

interface Class {
  device_class?: string;
  unit_of_measurement?: string;
  state_class?: 'measurement' | 'measurement_angle' | 'total_increasing';
}

const CLASSES: Record<Quantity, Class> = {
  temperature: measured('temperature', '°C'),
  humidity: measured('humidity', '%'),
  pressure: measured('pressure', 'Pa'),
  illuminance: measured('illuminance', 'lx'),
  voltage: measured('voltage', 'V'),
  current: measured('current', 'A'),
  power: measured('power', 'W'),
  load: measured(),
  share: measured(undefined, '%'),
  data: measured('data_size', 'B'),
  duration: measured('duration', 's'),
  co2: measured('carbon_dioxide', 'ppm'),
  acidity: measured('ph'),
  moisture: measured('moisture', '%'),
  conductivity: measured(undefined, 'S/m'),
  signal: measured(),
  state: measured(),
  // counters begin anew with each run
  count: { state_class: 'total_increasing' },
  volume: { device_class: 'volume', unit_of_measurement: 'L', state_class: 'total_increasing' },
  flow: measured(undefined, 'L/s'),
  rain: { device_class: 'precipitation', unit_of_measurement: 'mm', state_class: 'total_increasing' },
  rainRate: measured('precipitation_intensity', 'mm/h'),
  speed: measured('speed', 'm/s'),
  length: measured('distance', 'm'),
  angle: measured(undefined, '°'),
  frequency: measured('frequency', 'Hz'),
  // Sensirion's index has no unit; it is not an air quality index of any authority
  vocIndex: measured(),
};

function measured(device_class?: string, unit_of_measurement?: string): Class {
  return {
    ...(device_class && { device_class }),
    ...(unit_of_measurement && { unit_of_measurement }),
    state_class: 'measurement',
  };
}

/** Readings are late by as much as the journal lets them wait, s. */
const LATENESS_S = 60;
/** Periods without a reading after which an entity is not available. */
const PERIODS = 5;

export interface Announcement {
  /** Where it is retained. */
  topic: string;
  payload: string;
}

/** Topics of a device below the publisher's prefix. */
export function topicsOf(prefix: string, device: PublisherPlan['device']) {
  // boards that nobody has named are all called raspberrypi
  const base = `${prefix}/${plainName(device.name)}-${device.id.slice(0, 4)}`;
  return {
    /** `online` or `offline`, retained. */
    status: `${base}/status`,
    reading: ({ sensor, channel }: Pick<ChannelInfo, 'sensor' | 'channel'>) =>
      `${base}/${plainName(sensor)}/${plainName(channel)}`,
  };
}

/** What tells Home Assistant of a channel. `root`: the prefix that it was given. */
export function announcementOf(
  root: string,
  prefix: string,
  device: PublisherPlan['device'],
  channel: ChannelInfo,
): Announcement {
  const { sensor, sensorName, quantity, decimals, periodMs } = channel;
  const topics = topicsOf(prefix, device);
  const id = `muster_${device.id}_${levelOf(sensor)}_${levelOf(channel.channel)}`;
  const label = QUANTITIES[quantity].label;
  return {
    topic: `${root}/sensor/muster_${device.id}/${levelOf(sensor)}_${levelOf(channel.channel)}/config`,
    payload: JSON.stringify({
      name: sensorName === label ? label : `${sensorName} ${label}`,
      unique_id: id,
      state_topic: topics.reading(channel),
      // a missing reading is null, which becomes None: unknown
      value_template: '{{ value_json.v }}',
      json_attributes_topic: topics.reading(channel),
      availability_topic: topics.status,
      expire_after: Math.ceil((PERIODS * periodMs) / 1000) + LATENESS_S,
      suggested_display_precision: decimals,
      ...CLASSES[quantity],
      device: {
        identifiers: [`muster_${device.id}`],
        name: device.name,
        ...(device.model !== '' && { model: device.model }),
        ...(device.serial !== '' && { serial_number: device.serial }),
        sw_version: VERSION,
      },
      origin: { name: 'Muster', sw_version: VERSION },
    }),
  };
}

/** A level of a discovery topic: letters, digits, dashes and underscores only, and two names never the same one. */
function levelOf(name: string): string {
  return plainName(name).replaceAll(/[^A-Za-z0-9-]/g, (char) =>
    char === ':' ? '_' : `_${char.charCodeAt(0).toString(16)}`,
  );
}
