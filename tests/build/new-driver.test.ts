/** The first of a new driver: made in a copy of the tree, it reads its simulated chip at once. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newDriver } from '../../src/build/new-driver.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-driver-'));
  for (const path of ['device', 'src/shared', 'tests/contracts/driver-cases.ts', 'package.json'])
    cpSync(join(ROOT, path), join(root, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const READ = `
import { driverById } from './device/drivers/catalog.ts';
import { createSimBus } from './device/sim/sim-bus.ts';
const clock = { monotonic: () => 0, wall: () => 0, after: (ms, fn) => () => {} };
const driver = driverById('new-chip7');
const bus = createSimBus('b', [{ chip: 'new-chip7', address: 0x70 }], clock);
bus.chip(0x70).hold('temperature', -12.5);
const values = new Float64Array(1);
const sensor = await driver.open({ bus, address: 0x70, options: {}, machine: null, clock });
await sensor.read(values, new Uint8Array(1));
console.log(values[0]);
`;

it('makes a driver that reads, and puts it into every list', () => {
  const paths = newDriver(root, 'new-chip7');
  expect(paths).toEqual([
    'device/drivers/new-chip7/registers.ts',
    'device/drivers/new-chip7/decode.ts',
    'device/drivers/new-chip7/new-chip7.ts',
    'device/drivers/new-chip7/README.md',
    'device/sim/chips/new-chip7.ts',
    'tests/device/drivers/new-chip7.test.ts',
    'device/drivers/catalog.ts',
    'device/sim/chips.ts',
    'tests/contracts/driver-cases.ts',
  ]);
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', READ], { cwd: root });
  expect(out.toString().trim()).toBe('-12.5');
  expect(readFileSync(join(root, 'tests/contracts/driver-cases.ts'), 'utf8')).toContain("'new-chip7': {");
});

it('writes over nothing, and refuses a name that is none', () => {
  const before = readFileSync(join(root, 'device/drivers/catalog.ts'), 'utf8');
  expect(() => newDriver(root, 'bme280')).toThrow('device/drivers/bme280/registers.ts is there already');
  for (const name of ['', 'BME280', '../x', 'a--b', '7seg'])
    expect(() => newDriver(root, name)).toThrow('is no name');
  expect(readFileSync(join(root, 'device/drivers/catalog.ts'), 'utf8')).toBe(before);
});
