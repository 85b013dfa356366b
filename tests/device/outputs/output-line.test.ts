/** From a value to levels of a line: inversion, software PWM, and what happens when a line cannot be written. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { GpioOutputs } from '../../../device/bus/gpio-outputs.ts';
import { outputSchema, type LineOutput } from '../../../device/outputs/output-config.ts';
import { OutputLine } from '../../../device/outputs/output-line.ts';
import { simOutputs } from '../../../device/sim/sim-outputs.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let prefix: string;
const clock = new FakeClock();
const faults: MusterError[] = [];
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'muster-lines-'));
  faults.length = 0;
});
afterEach(() => rmSync(prefix, { recursive: true, force: true }));

const file = () => join(prefix, 'run/muster/lines/gpiochip0/4');
const level = () => readFileSync(file(), 'latin1');
const line = (more: object, chip: GpioOutputs | MusterError = simOutputs(prefix, 'gpiochip0')) =>
  new OutputLine(
    outputSchema.parse({ id: 'o', kind: 'gpio', bus: 'gpiochip0', line: 4, ...more }) as LineOutput,
    chip,
    clock,
    (error) => faults.push(error),
  );

it('drives a line, also an inverted one, and says what it showed before', () => {
  const plain = line({});
  expect(plain.shown()).toBeNull();
  plain.set(1);
  expect([level(), plain.shown()]).toEqual(['1', 1]);
  const inverted = line({ inverted: true });
  expect(inverted.shown()).toBe(0);
  inverted.set(1);
  expect(level()).toBe('0');
});

it('is on for its share of each period, and still at both ends', async () => {
  const pwm = line({ kind: 'pwm', periodMs: 100 });
  pwm.set(0.3);
  let on = 0;
  for (let ms = 0; ms < 1000; ms += 5) {
    on += Number(level());
    await clock.advance(5);
  }
  expect(on / 200).toBeCloseTo(0.3, 1);
  pwm.set(0);
  const { pending } = clock;
  expect([level(), pending]).toEqual(['0', 0]);
  pwm.set(1);
  expect([level(), clock.pending]).toEqual(['1', 0]);
});

it('says so when a line cannot be written, also between two commands', async () => {
  expect(() => line({}, new MusterError('BUS_MISSING', 'there is no bus gpiochip9')).set(1)).toThrow(
    /no bus gpiochip9/,
  );
  const pwm = line({ kind: 'pwm' });
  pwm.set(0.5);
  rmSync(file());
  mkdirSync(file());
  await clock.advance(200);
  expect(faults.map(({ code }) => code)).toEqual(['BUS_MISSING']);
  expect(() => pwm.set(0)).toThrow(/line 4 of gpiochip0/);
});
