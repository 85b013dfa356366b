/**
 * Metrics as Prometheus reads them: text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Pure.
 * Names follow its conventions (…/practices/naming): base units, spelled out, at the end; shares as ratios.
 */
import type { DeviceStatus } from '../../src/shared/device-contract.ts';
import type { Quantity } from '../../src/shared/quantity.ts';
import { qualityByte, QUALITIES } from '../../src/shared/reading.ts';
import type { Reading } from './parcel.ts';
import type { PublisherPlan } from './publish-contract.ts';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Metric {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  samples: { labels: Record<string, string>; value: number }[];
}

/** Name of a quantity's metric, and how many base units one of ours is. */
const METRICS: Record<Quantity, { name: string; factor?: number }> = {
  temperature: { name: 'temperature_celsius' },
  humidity: { name: 'humidity_ratio', factor: 0.01 },
  pressure: { name: 'pressure_pascals' },
  illuminance: { name: 'illuminance_lux' },
  voltage: { name: 'voltage_volts' },
  current: { name: 'current_amperes' },
  power: { name: 'power_watts' },
  load: { name: 'load' },
  share: { name: 'share_ratio', factor: 0.01 },
  data: { name: 'data_bytes' },
  duration: { name: 'duration_seconds' },
  co2: { name: 'co2_ratio', factor: 1e-6 },
  acidity: { name: 'acidity_ph' },
  moisture: { name: 'moisture_ratio', factor: 0.01 },
  conductivity: { name: 'conductivity_siemens_per_meter' },
  signal: { name: 'signal' },
  state: { name: 'state' },
  count: { name: 'count' },
  volume: { name: 'volume_cubic_meters', factor: 1e-3 },
  flow: { name: 'flow_cubic_meters_per_second', factor: 1e-3 },
  rain: { name: 'rain_meters', factor: 1e-3 },
  rainRate: { name: 'rain_rate_meters_per_second', factor: 1e-3 / 3600 },
  speed: { name: 'speed_meters_per_second' },
  length: { name: 'length_meters' },
  angle: { name: 'angle_degrees' },
  frequency: { name: 'frequency_hertz' },
  vocIndex: { name: 'voc_index' },
};

/** The newest readings and how the daemon does. `status` null: it cannot say now. */
export function exposition(
  device: PublisherPlan['device'],
  latest: Iterable<Reading>,
  status: DeviceStatus | null,
): string {
  const metrics = new Map<string, Metric>();
  const add = (
    name: string,
    help: string,
    value: number,
    labels: Record<string, string> = {},
    type: Metric['type'] = 'gauge',
  ): void => {
    const full = `muster_${name}`;
    let metric = metrics.get(full);
    if (!metric) metrics.set(full, (metric = { name: full, help, type, samples: [] }));
    metric.samples.push({ labels, value });
  };
  const { id, name, hostname, model } = device;
  add('device_info', 'Which device this is.', 1, { id, name, hostname, model });
  add('up', '1 when the daemon can say how it does.', status ? 1 : 0);
  if (status) addHealth(add, status);
  for (const { channel, value, quality, at } of latest) {
    const { sensor, sensorName, channel: column, quantity } = channel;
    const labels = { sensor, channel: column, name: sensorName };
    const metric = METRICS[quantity];
    // division by a whole number leaves no digits that nobody measured
    const { factor = 1 } = metric;
    const scaled = factor < 1 ? value / Math.round(1 / factor) : value;
    add(metric.name, `Newest reading, ${quantity}; NaN when it is missing.`, scaled, labels);
    add('reading_timestamp_seconds', 'When the newest reading was taken.', at / 1000, {
      sensor,
      channel: column,
    });
    const bytes = QUALITIES.map((quality) => `${qualityByte(quality)} ${quality}`).join(', ');
    add('reading_quality', `Quality of the newest reading: ${bytes}.`, qualityByte(quality), {
      sensor,
      channel: column,
    });
  }
  return [...metrics.values()].map(textOf).join('');
}

type Add = (
  name: string,
  help: string,
  value: number,
  labels?: Record<string, string>,
  type?: Metric['type'],
) => void;

function addHealth(add: Add, status: DeviceStatus): void {
  const { journal, sensors } = status;
  add('daemon_info', 'Version of the daemon and its runtime.', 1, {
    version: status.daemonVersion,
    node: status.nodeVersion,
  });
  add('daemon_uptime_seconds', 'How long the daemon has run.', status.uptimeS);
  add('daemon_resident_memory_bytes', 'Memory of the daemon without its hosts.', status.memoryBytes);
  add(
    'daemon_safe_mode',
    '1 when the drivers are off because the daemon died again and again.',
    +(status.mode === 'safe'),
  );
  add('readings_per_second', 'Readings taken a second.', status.readingsPerS);
  for (const state of ['ok', 'failing', 'stopped'] as const)
    add('sensors', 'Sensors by how they do.', sensors.filter((row) => row.state === state).length, { state });
  add('journal_bytes', 'Bytes the journal holds.', journal.bytes);
  add('journal_max_bytes', 'Bytes the journal may hold.', journal.maxBytes);
  add('journal_waiting_bytes', 'Bytes of readings that wait for the journal.', journal.waitingBytes ?? 0);
  add(
    'journal_trimmed_batches_total',
    'Batches dropped to keep to the bound.',
    journal.trimmedBatches,
    {},
    'counter',
  );
  add(
    'journal_damaged_batches_total',
    'Batches found broken on the disk.',
    journal.damagedBatches ?? 0,
    {},
    'counter',
  );
  add(
    'journal_lost_readings_total',
    'Readings the journal did not take.',
    journal.lostReadings ?? 0,
    {},
    'counter',
  );
  add('disk_free_bytes', 'Free bytes where the journal lies.', status.disk.freeBytes);
  add('disk_size_bytes', 'Bytes of the disk where the journal lies.', status.disk.totalBytes);
}

function textOf({ name, help, type, samples }: Metric): string {
  const rows = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberOf(value)}\n`;
  });
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${rows.join('')}`;
}

/** A label's value: backslash, double quote and line feed are escaped. */
function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** As Go's ParseFloat reads it. */
function numberOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
