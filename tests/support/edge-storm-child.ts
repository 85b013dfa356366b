/**
 * A pulse counter on a line of a Linux GPIO chip with 50,000 edges a second for two seconds, run with gpio-lines.c
 * preloaded. Prints as JSON what it counted and how many readings it made meanwhile. Argument: the folder of
 * the chip's files.
 */
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createLinuxGpio } from '../../device/bus/linux-gpio.ts';
import { pulseCounter } from '../../device/drivers/pulse-counter/pulse-counter.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { until } from './until.ts';

const PER_S = 50_000;
const FOR_MS = 2000;

const sensor = await pulseCounter.open({
  bus: createLinuxGpio('gpiochip0', '/dev/gpiochip0'),
  address: 0,
  options: { line: 6 },
  machine: undefined as never,
  clock: deviceClock,
});
const values = new Float64Array(2);
const totals: number[] = [];

const pipe = openSync(join(process.argv[2] ?? '', '6.edges'), 'r+');
const began = performance.now();
let told = 0;
await new Promise<void>((done) => {
  const timer = setInterval(() => {
    const now = performance.now();
    const wanted = Math.min(PER_S * (FOR_MS / 1000), Math.floor(((now - began) / 1000) * PER_S));
    // a pipe takes 64 kB: what a late timer owes comes with the next
    const edges = Uint8Array.from({ length: Math.min(30_000, wanted - told) }, (_, i) => (told + i + 1) % 2);
    told += writeSync(pipe, edges);
    void Promise.resolve(sensor.read(values, new Uint8Array(2))).then(() => totals.push(values[0] as number));
    if (told < PER_S * (FOR_MS / 1000)) return;
    clearInterval(timer);
    done();
  }, 10);
});
await until(async () => {
  await sensor.read(values, new Uint8Array(2));
  return values[0] === told / 2;
}, 'the last pulse');
sensor.close?.();
process.stdout.write(
  JSON.stringify({
    told,
    counted: values[0],
    risesOnly: totals.every((total, i) => total >= (totals[i - 1] ?? 0)),
    readings: totals.length,
  }),
);
