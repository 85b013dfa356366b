/** What a document names and that is not there, told at its place. */
import { expect, it } from 'vitest';
import { problemsOfDocument } from '../../../device/configuration/problems.ts';

const buses = [
  { id: 'plant', kind: 'modbus-tcp', address: '192.0.2.7' },
  { id: 'chip', kind: 'gpio', device: '/dev/gpiochip0' },
];
const coil = { id: 'pump', kind: 'modbus-coil', bus: 'plant', unit: 1, coil: 0 };
const line = { id: 'valve', kind: 'gpio', bus: 'chip', line: 17 };

it.each([
  ['an output each on its bus', { outputs: [coil, line] }, []],
  [
    'a coil on pins',
    { outputs: [{ ...coil, bus: 'chip' }] },
    ['"chip" is of kind gpio: it has no modbus-coil output'],
  ],
  [
    'a pin on Modbus',
    { outputs: [{ ...line, bus: 'plant' }] },
    ['"plant" is of kind modbus-tcp: it has no gpio output'],
  ],
  ['a bus that is not there', { outputs: [{ ...line, bus: 'x' }] }, ['there is no bus "x"']],
])('%s', (_, more, words) => {
  // JSON is YAML
  const problems = problemsOfDocument(JSON.stringify({ version: 1, buses, ...more }), []);
  expect(problems.map(({ message }) => message)).toEqual(words);
});
