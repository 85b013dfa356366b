/** Outputs, rules and events of a make-believe device: what is commanded is so at once, and is written down. */
import type { EngineContract } from '../../src/shared/engine-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { DeviceEvent, OutputState, RuleStateRow } from '../../src/shared/output.ts';
import type { outputCalls } from '../../src/shared/output-calls.ts';
import type { Handlers } from '../../src/shared/peer.ts';

const LEASE_MS = 10_000;
const BY = 'ann@laptop';

function off(output: string, name: string, more: Partial<OutputState> = {}): OutputState {
  const common = { kind: 'gpio', state: 'ok', error: null, value: 0, safe: 0, hold: null } as const;
  return { output, name, ...common, onMs: null, restMs: 0, maxOnMs: null, never: [], ...more };
}

/** `wall`: epoch ms. */
export function fakeOutputs(wall: () => number): Pick<Handlers<EngineContract>, keyof typeof outputCalls> {
  const outputs = [
    off('valve', 'Water valve', { maxOnMs: 600_000, never: ['drain'] }),
    off('drain', 'Drain', { never: ['valve'] }),
    off('fan', 'Fan', { kind: 'pwm', value: 0.4, onMs: 90_000, hold: hold('rule', 'vent') }),
  ];
  const rules: RuleStateRow[] = [
    {
      rule: {
        id: 'vent',
        name: 'Ventilate',
        when: { sensor: 'air', channel: 'temperature', above: 28, until: 26, forMs: 30_000 },
        set: { output: 'fan', value: 0.4 },
      },
      state: 'on',
      why: null,
      sinceMs: 90_000,
      value: 28.4,
    },
  ];
  const events: DeviceEvent[] = [];
  return {
    'device.outputs': () => ({ outputs }),
    'device.setOutput'({ output, value, forMs }) {
      const at = outputs.findIndex((row) => row.output === output);
      const row = outputs[at];
      if (!row)
        throw new MusterError('REFUSED', 'no such output', { reason: 'there is no output of this name' });
      const blocking = outputs.find((other) => row.never.includes(other.output) && (other.value ?? 0) > 0);
      const reason = value && blocking ? `${blocking.output} is on, and never both may be` : null;
      events.push({
        seq: events.length + 1,
        at: wall(),
        clock: 'ntp',
        run: 1,
        kind: 'output',
        subject: output,
        value: value ?? row.safe,
        before: row.value,
        cause: 'person',
        by: BY,
        refused: reason,
      });
      if (reason !== null)
        throw new MusterError('REFUSED', reason, { field: 'output', value: output, reason });
      const held = value === null ? null : { ...hold('person', BY), leftMs: forMs ?? LEASE_MS };
      const next = { ...row, value: value ?? row.safe, hold: held, onMs: value ? 0 : null };
      outputs[at] = next;
      return { output: next };
    },
    'device.rules': () => ({ rules, timeZone: 'Europe/Berlin', clockSet: true }),
    'device.events': ({ after, limit }) => ({
      events: events.filter(({ seq }) => seq > (after ?? 0)).slice(-limit),
      trimmed: false,
    }),
    'rules.simulate': ({ from, to }) => ({
      switches: [
        { at: from + (to - from) / 4, on: true },
        { at: from + (to - from) / 2, on: false },
      ],
      times: 1,
      onMs: (to - from) / 4,
      unheardMs: 0,
      readings: 1000,
    }),
  };
}

function hold(cause: 'person' | 'rule', by: string) {
  return { cause, by, leftMs: LEASE_MS };
}
