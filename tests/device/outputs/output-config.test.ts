/** What a configuration may say of outputs and rules, and what it is told when it contradicts itself. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../device/config.ts';

const valve = { id: 'valve', kind: 'gpio', bus: 'gpiochip0', line: 17 };
const drain = { id: 'drain', kind: 'gpio', bus: 'gpiochip0', line: 27 };
const rule = { id: 'r', when: { sensor: 'air', channel: 'temperature', above: 1 }, set: { output: 'valve' } };
const parse = (more: object) => parseConfig(JSON.stringify({ version: 1, ...more }));

it('falls safe where nothing else is said', () => {
  expect(parse({ outputs: [valve] }).outputs[0]).toMatchObject({
    safe: 0,
    onBoot: 'safe',
    onLeaseEnd: 'safe',
    leaseMs: 10_000,
    inverted: false,
  });
});

describe('is refused in words', () => {
  it.each([
    [
      'a limit that a restart would forget',
      { outputs: [{ ...valve, maxOnMs: 1000, onBoot: 'hold' }] },
      /must be safe with a limit/,
    ],
    [
      'an interlock whose safe state is on',
      { outputs: [{ ...valve, safe: 1 }, drain], interlocks: [{ never: ['valve', 'drain'] }] },
      /must be 0 where/,
    ],
    [
      'an interlock with nobody',
      { outputs: [valve], interlocks: [{ never: ['valve', 'pump'] }] },
      /there is no output "pump"/,
    ],
    [
      'two outputs on one line',
      { outputs: [valve, { ...drain, line: 17 }] },
      /line 17 of gpiochip0 is that of "valve" already/,
    ],
    [
      'an output with the name of a sensor',
      { outputs: [valve], sensors: [{ id: 'valve', driver: 'load' }] },
      /is the id of a sensor/,
    ],
    ['a rule for nothing', { rules: [rule] }, /there is no output "valve"/],
    [
      'two rules for one output',
      { outputs: [valve], rules: [rule, { ...rule, id: 's' }] },
      /one rule an output/,
    ],
    [
      'half a valve',
      { outputs: [valve], rules: [{ ...rule, set: { output: 'valve', value: 0.5 } }] },
      /must be 0 or 1/,
    ],
    [
      'a hysteresis the wrong way round',
      { outputs: [valve], rules: [{ ...rule, when: { ...rule.when, until: 2 } }] },
      /must not be over above/,
    ],
    [
      'a rule without a reason',
      { outputs: [valve], rules: [{ id: 'r', set: { output: 'valve' } }] },
      /needs when, or during/,
    ],
    ['a zone that is none', { timeZone: 'Europe/Nowhere' }, /must be a time zone/],
  ])('%s', (_, config, why) => {
    expect(() => parse(config)).toThrow(why);
  });
});
