/**
 * `npm run new:driver -- NAME`: the first of a driver for a chip on I2C, every file of it, with its lines in the lists.
 * What it makes works: a thermometer with one register. Put the data sheet's registers, numbers and words in its place;
 * the tests say what does not fit. Nothing that is there is written over.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './build.ts';

/** A name with dashes as one in code. */
function camel(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Template in assets/new-driver → where it goes. */
const TEMPLATES: Record<string, (name: string) => string> = {
  'registers.ts.txt': (name) => `device/drivers/${name}/registers.ts`,
  'decode.ts.txt': (name) => `device/drivers/${name}/decode.ts`,
  'driver.ts.txt': (name) => `device/drivers/${name}/${name}.ts`,
  'README.md.txt': (name) => `device/drivers/${name}/README.md`,
  'sim-chip.ts.txt': (name) => `device/sim/chips/${name}.ts`,
  'driver.test.ts.txt': (name) => `tests/device/drivers/${name}.test.ts`,
};

/** Path → text of the files of a driver. In a template `@name@`, `@NAME@`, `@id@` and `@sim@` stand for the driver's. */
function files(name: string): Record<string, string> {
  const id = camel(name);
  const words: Record<string, string> = { name, NAME: name.toUpperCase(), id, sim: `sim${capital(id)}` };
  return Object.fromEntries(
    Object.entries(TEMPLATES).map(([template, place]) => [
      place(name),
      readFileSync(join(ROOT, 'assets/new-driver', template), 'utf8').replaceAll(
        /@(\w+)@/g,
        (whole, word: string) => words[word] ?? whole,
      ),
    ]),
  );
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
