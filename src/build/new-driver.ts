/**
 * `npm run new:driver -- NAME`: the first of a driver for a chip on I2C, every file of it, with its lines in the lists.
 * What it makes works: a thermometer with one register. Put the data sheet's registers, numbers and words in its place;
 * the tests say what does not fit. Nothing that is there is written over.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './build.ts';

/** `my-chip` as a name in code: `myChip`. */
function camel(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Path → text of the files of a driver. */
function files(name: string): Record<string, string> {
  const id = camel(name);
  const title = `${name.toUpperCase()} temperature`;
  const sim = `sim${capital(id)}`;
  return {
    [`device/drivers/${name}/registers.ts`]: `/** ${name.toUpperCase()} registers (name the data sheet, and the section of each). */

/** Temperature: two bytes, high byte first. */
export const TEMPERATURE = 0x00;
`,
    [`device/drivers/${name}/decode.ts`]: `/** ${name.toUpperCase()} raw temperature to °C (name the data sheet's section). Pure. */
import { signed16 } from '../big-endian.ts';

/** \`bytes\`: the register. Result in °C, 1/256 °C a step. */
export function decodeTemperature(bytes: Uint8Array): number {
  return signed16(bytes) / 256;
}
`,
    [`device/drivers/${name}/${name}.ts`]: `/** ${name.toUpperCase()}: what it is, in one line. */
import { needBus, type Driver } from '../driver.ts';
import { decodeTemperature } from './decode.ts';
import { TEMPERATURE } from './registers.ts';

export const ${id}: Driver = {
  id: '${name}',
  title: '${title}',
  bus: 'i2c',
  addresses: [0x70],
  periodMs: 1000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-40, 125] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address } = context;
    return {
      async read(values) {
        values[0] = decodeTemperature(await bus.writeRead(address, Uint8Array.of(TEMPERATURE), 2));
      },
    };
  },
};
`,
    [`device/drivers/${name}/README.md`]: `# ${title}

What it measures, and how well.

Conversation: what is written and read, in order; how the chip is told from others at its address.

Source: the data sheet and its sections.

Driver \`${name}\` · bus i2c · addresses 0x70 · asked every 1000 ms unless told

| channel | quantity | unit | decimals | plausible |
| --- | --- | --- | --- | --- |
| temperature | temperature | Cel | 2 | -40 to 125 |
`,
    [`device/sim/chips/${name}.ts`]: `/** A ${name.toUpperCase()} at register level (name the data sheet's sections). */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

export const ${sim} = defineChip<I2cFace>({ temperature: { mean: 20, swing: 5, noise: 0.05 } }, (world) =>
  registerFile({
    mask: 0xff,
    fixed: { 0x00: () => clampRound(world.now('temperature') * 256, -32_768, 32_767) & 0xffff },
    writable: {},
  }),
);
`,
    [`tests/device/drivers/${name}.test.ts`]: `/** The ${name.toUpperCase()}'s decoder against the numbers that its data sheet prints. */
import { expect, it } from 'vitest';
import { decodeTemperature } from '../../../device/drivers/${name}/decode.ts';

it.each([
  [0x1900, 25],
  [0xff80, -0.5],
])('0x%s is %f °C', (raw, celsius) => {
  expect(decodeTemperature(Uint8Array.of(raw >> 8, raw & 0xff))).toBe(celsius);
});
`,
  };
}

/** `text` with lines put in before the first line that has `mark`. Throws when there is none. */
function insert(path: string, text: string, rows: readonly [line: string, mark: string][]): string {
  let out = text;
  for (const [line, mark] of rows) {
    const at = out.indexOf(mark);
    if (at < 0) throw new Error(`${path} has no line with "${mark}": put in by hand\n${line}`);
    out = `${out.slice(0, at)}${line}\n${out.slice(at)}`;
  }
  return out;
}

/** The lists that a driver stands in, and what goes before which of their lines. */
function lists(name: string): Record<string, [line: string, mark: string][]> {
  const id = camel(name);
  const sim = `sim${capital(id)}`;
  const key = id === name ? name : `'${name}'`;
  return {
    'device/drivers/catalog.ts': [
      [`import { ${id} } from './${name}/${name}.ts';`, "import type { Driver } from './driver.ts';"],
      [`  ${id},`, '  cpuTemperature,\n'],
    ],
    'device/sim/chips.ts': [
      [`import { ${sim} } from './chips/${name}.ts';`, 'import type { ChipMaker'],
      [`  ${key}: ${sim},`, '};\n'],
    ],
    'tests/contracts/driver-cases.ts': [
      [
        `  ${key}: { channels: { temperature: { world: 'temperature', values: [-40, 21.5, 125], within: 0.002 } } },`,
        "  'gpio-input': {",
      ],
    ],
  };
}

/** Makes the files and the lines below `root`. Returns the paths made and changed. Throws in words for a bad name. */
export function newDriver(root: string, name: string): string[] {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name))
    throw new Error(
      `"${name}" is no name for a driver: small letters, digits and dashes, beginning with a letter`,
    );
  const made = files(name);
  const there = Object.keys(made).find((path) => existsSync(join(root, path)));
  if (there !== undefined) throw new Error(`${there} is there already`);
  const changed = Object.entries(lists(name)).map(
    ([path, rows]) => [path, insert(path, readFileSync(join(root, path), 'utf8'), rows)] as const,
  );
  for (const [path, text] of [...Object.entries(made), ...changed]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return [...Object.keys(made), ...changed.map(([path]) => path)];
}

if (import.meta.main) {
  try {
    const paths = newDriver(ROOT, process.argv[2] ?? '');
    process.stdout.write(
      `${paths.join('\n')}\n\nNow: npm run format && npm test -- tests/contracts tests/device/drivers\n`,
    );
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
