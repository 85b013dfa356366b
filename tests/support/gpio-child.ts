/**
 * Lines of a GPIO chip and an SPI bus of Linux in a process of its own, run with gpio-lines.c preloaded: goes through one
 * life of an input on line 4, an output on line 5 and a transfer, and prints what it saw as JSON. Argument: the folder.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinuxGpio, linuxOutputs } from '../../device/bus/linux-gpio.ts';
import { createLinuxSpi } from '../../device/bus/linux-spi.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { until } from './until.ts';

const folder = process.argv[2] ?? '';
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return 'nothing';
  } catch (error) {
    return error instanceof MusterError ? `${error.code} ${error.message}` : String(error);
  }
};

const gpio = createLinuxGpio('gpiochip0', '/dev/gpiochip0');
const setup = { bias: 'pull-up', activeLow: true } as const;
const edges: [active: boolean, atMs: number, sequence: number][] = [];
writeFileSync(join(folder, '4'), '1');
const input = await gpio.input(4, setup, (...edge) => edges.push(edge));
const active = [await input.active()];
writeFileSync(join(folder, '4'), '0');
active.push(await input.active());
const from = deviceClock.monotonic();
writeFileSync(
  join(folder, '4.edges'),
  Uint8Array.from({ length: 300 }, (_, i) => (i + 1) % 2),
);
await until(() => edges.length === 300, 'edges');
const to = deviceClock.monotonic();
const taken = await refusal(() => gpio.input(4, setup, () => {}));
const inputFlags = Number(text('4.flags'));
input.close();
input.close();
const again = await gpio.input(4, { bias: 'as-is', activeLow: false }, () => {});
again.close();

const outputs = linuxOutputs('gpiochip0', '/dev/gpiochip0');
writeFileSync(join(folder, '5'), '1');
const before = outputs.level(5);
const output = outputs.output(5, true);
const levels = [text('5')];
for (const high of [false, true]) {
  output.set(high);
  levels.push(text('5'));
}
const outputFlags = Number(text('5.flags'));
output.close();

const spi = createLinuxSpi('spi-0.0', '/dev/spidev0.0');
const sent = Uint8Array.of(1, 2, 3, 0, 0);
const came = [...(await spi.transfer(sent, { mode: 3, maxHz: 2_000_000 }))];

process.stdout.write(
  JSON.stringify({
    active,
    edges: edges.length,
    rising: edges.filter(([isActive]) => isActive).length,
    sequences: edges.every(([, , sequence], i) => sequence === i + 1),
    timely: edges.every(([, atMs]) => atMs >= from && atMs <= to),
    taken,
    inputFlags,
    before,
    levels,
    outputFlags,
    sent: [...sent],
    came,
    noLine: await refusal(() => gpio.input(9, setup, () => {})),
    noChip: await refusal(() => createLinuxGpio('g', '/dev/gpiochip77').input(1, setup, () => {})),
    noSpi: await refusal(() =>
      createLinuxSpi('s', '/dev/spidev77.0').transfer(sent, { mode: 0, maxHz: 1_000_000 }),
    ),
  }),
);
