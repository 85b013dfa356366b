/**
 * The buses of a device: those that are configured, and those that its kernel offers beside them.
 * Refuses: to open one. A name for a bus that is not configured is the kernel's own, where it is free.
 */
import type { BusRow } from '../../src/shared/device-scan-calls.ts';
import type { Machine } from './machine.ts';
import type { BusConfig } from '../bus/bus-config.ts';

export interface KnownBus {
  row: BusRow;
  /** As it would be opened; null where its kind needs to be told more than its file. */
  config: BusConfig | null;
}

type KernelKind = 'i2c' | 'spi' | 'gpio';
/** Files in /dev by kind of bus (kernel: Documentation/i2c/dev-interface.rst, spi/spidev.rst, gpio/chardev.rst). */
const FILES: readonly [KernelKind, RegExp][] = [
  ['i2c', /^i2c-\d{1,3}$/],
  ['spi', /^spidev\d{1,3}\.\d{1,3}$/],
  ['gpio', /^gpiochip\d{1,3}$/],
];
/** Serial ports that somebody plugged in or wired; ttyS are there whether or not anything is behind them. */
const PORTS = /^tty(?:AMA|USB|ACM)\d{1,3}$/;

/** All there are, the configured ones first. */
export function knownBuses(configured: readonly BusConfig[], machine: Machine): KnownBus[] {
  const rows = configured.map((config): KnownBus => {
    const device = 'device' in config ? config.device : null;
    return { row: { bus: config.id, kind: config.kind, device, configured: true }, config };
  });
  const devices = new Set(rows.map(({ row }) => row.device));
  const names = new Set(rows.map(({ row }) => row.bus));
  const free = (name: string): string => {
    let id = name;
    for (let n = 2; names.has(id); n++) id = `${name}-${n}`;
    names.add(id);
    return id;
  };
  const add = (
    kind: string,
    name: string,
    device: string | null,
    config: (id: string) => BusConfig | null,
  ) => {
    if (device !== null && devices.has(device)) return;
    const bus = free(name);
    rows.push({ row: { bus, kind, device, configured: false }, config: config(bus) });
  };
  const files = machine.list('dev').toSorted(new Intl.Collator('en', { numeric: true }).compare);
  for (const [kind, like] of FILES)
    for (const file of files.filter((name) => like.test(name))) {
      const device = `/dev/${file}`;
      add(kind, file, device, (id) => ({ id, kind, device }));
    }
  const hasW1 = machine.list('sys/bus/w1/devices').some((name) => name.startsWith('w1_bus_master'));
  if (hasW1 && !configured.some(({ kind }) => kind === 'w1'))
    add('w1', 'w1', null, (id) => ({ id, kind: 'w1' }));
  for (const file of files.filter((name) => PORTS.test(name)))
    add('serial', file, `/dev/${file}`, () => null);
  return rows;
}
