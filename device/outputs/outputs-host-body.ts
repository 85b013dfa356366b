/**
 * The inside of the process that holds the outputs: every line, every lease, one machine for all of them.
 * It outlives a root that hangs or was killed: leases end here, by its own timer, and each output falls safe without
 * anybody's help. With the last of them it leaves. Refuses: to renew anything by itself, and to wait for a disk while
 * a root is there. Called by outputs-host-program.ts.
 */
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import type { Clock } from '../../src/shared/time.ts';
import { busMissing } from '../bus/bus.ts';
import type { GpioOutputs } from '../bus/gpio-outputs.ts';
import { linuxOutputs } from '../bus/linux-gpio.ts';
import { simOutputs } from '../sim/sim-outputs.ts';
import { outputPlan, type OutputConfig } from './output-config.ts';
import { OutputLine } from './output-line.ts';
import {
  nextEnd,
  stepOutputs,
  type OutputEvent,
  type OutputPlan,
  type OutputsState,
} from './output-machine.ts';
import {
  BEAT_MS,
  packed,
  unpacked,
  type OutputDeed,
  type OutputsHostPlan,
  type OutputsOrder,
  type OutputsWord,
  type SlotRow,
  type TimedNote,
} from './outputs-messages.ts';

export interface OutputsHostParts {
  pipe: Pipe;
  clock: Clock;
  /** Keeps what happened for the next root. */
  keep: (path: string, notes: readonly TimedNote[]) => void;
  /** Called when nothing is left to hold. */
  leave: () => void;
}

export interface OutputsHostBody {
  /** Somebody wants it to end. With a root that is the root's affair; without one it hands over and leaves. */
  told(): void;
  /** A fault of its own: all safe, at once. */
  panic(): void;
}

/** The chip of an output, or why there is none. */
function chipOf(
  { bus }: OutputConfig,
  { prefix, simulated, chips }: OutputsHostPlan,
): GpioOutputs | MusterError {
  const device = chips[bus];
  if (device !== undefined) return linuxOutputs(bus, device);
  return simulated.includes(bus) ? simOutputs(prefix, bus) : busMissing(bus);
}

export function runOutputsHost({ pipe, clock, keep, leave }: OutputsHostParts): OutputsHostBody {
  let plan: OutputPlan = { outputs: [], interlocks: [] };
  let orphans = '';
  let state: OutputsState = new Map();
  const lines = new Map<string, OutputLine>();
  const faults = new Map<string, string>();
  let notes: TimedNote[] = [];
  let cancelEnd = (): void => {};
  let cancelBeat = (): void => {};
  let isAlone = false;
  let isTold = false;
  let isOver = false;

  function say(word: OutputsWord): void {
    if (isAlone) return;
    try {
      pipe.send(packed(word));
    } catch {
      // the root has just gone; its close is on the way
    }
  }

  function begin(told: OutputsHostPlan): void {
    const { outputs, interlocks, last, why } = told;
    plan = outputPlan(outputs, interlocks);
    orphans = told.orphans;
    for (const config of told.retired) retire(config, told);
    for (const config of outputs) {
      const chip = chipOf(config, told);
      const onFault = (error: MusterError): void => failed(config.id, error);
      lines.set(config.id, new OutputLine(config, chip, clock, onFault));
    }
    const shown = plan.outputs.map(({ id }): [string, { now: number | null; last: number | null }] => [
      id,
      { now: lines.get(id)?.shown() ?? null, last: last[id] ?? null },
    ]);
    act({ kind: 'start', why, lines: new Map(shown) });
    beat();
  }

  function retire(config: OutputConfig, host: OutputsHostPlan): void {
    const line = new OutputLine(config, chipOf(config, host), clock, () => {});
    const { id: output, safe: value } = config;
    const before = line.shown();
    let refused: string | null = null;
    try {
      // what a share of the time would need somebody to hold: off is the nearest that stays
      line.set(value === 1 ? 1 : 0);
    } catch (error) {
      refused = toMusterError(error).message.slice(0, 500);
    }
    line.close();
    const note = { output, value, before, cause: 'boot', by: 'not configured any more', refused } as const;
    notes.push({ note, atMs: clock.monotonic(), wallMs: clock.wall() });
  }

  function beat(): void {
    say({ word: 'beat' });
    cancelBeat = clock.after(BEAT_MS, beat);
  }

  /** Does what an event brings about, tells of it, and sets the timer for what comes next. */
  function act(event: OutputEvent): void {
    carryOut(event);
    if (isAlone) keepNotes();
    else tell();
    cancelEnd();
    const next = nextEnd(plan, state);
    if (next !== null)
      cancelEnd = clock.after(Math.max(0, next - clock.monotonic()), () => act({ kind: 'time' }));
    else if (isAlone) end();
  }

  function carryOut(event: OutputEvent): void {
    const at = clock.monotonic();
    const step = stepOutputs(plan, state, event, at);
    state = step.state;
    for (const action of step.actions) {
      if (action.do === 'note') {
        notes.push({ note: action.note, atMs: at, wallMs: clock.wall() });
        continue;
      }
      const { output, value } = action;
      const slot = state.get(output);
      // a failed write before this one may have brought it down meanwhile
      if (slot?.value !== value) continue;
      try {
        lines.get(output)?.set(value);
      } catch (error) {
        faults.set(output, toMusterError(error).message.slice(0, 500));
        carryOut({ kind: 'failed', output });
        continue;
      }
      if (slot.retryAt === null) continue;
      faults.delete(output);
      carryOut({ kind: 'obeyed', output });
    }
  }

  function failed(output: string, error: MusterError): void {
    faults.set(output, error.message.slice(0, 500));
    act({ kind: 'failed', output });
  }

  function tell(): void {
    const slots: SlotRow[] = [];
    for (const [output, slot] of state) slots.push({ output, ...slot, error: faults.get(output) ?? null });
    const told = notes;
    notes = [];
    say({ word: 'held', slots, notes: told });
  }

  function keepNotes(): void {
    if (notes.length > 0) keep(orphans, notes);
    notes = [];
  }

  function answer(id: number, deed: OutputDeed): void {
    if (!state.has(deed.output)) return say({ word: 'done', id, refused: 'there is no such output' });
    const before = notes.length;
    carryOut(deed);
    const refused = notes.slice(before).find(({ note }) => note.output === deed.output && note.refused);
    act({ kind: 'time' });
    say({ word: 'done', id, refused: refused?.note.refused ?? null });
  }

  function end(): void {
    if (isOver) return;
    isOver = true;
    cancelEnd();
    cancelBeat();
    for (const line of lines.values()) line.close();
    leave();
  }

  function handOver(): void {
    if (isOver) return;
    act({ kind: 'handover' });
    end();
  }

  pipe.onMessage((message) => {
    if (isOver) return;
    const order = unpacked(message) as OutputsOrder;
    if (order.order === 'begin') begin(order.plan);
    else if (order.order === 'do') answer(order.id, order.deed);
    else {
      act({ kind: 'stop' });
      end();
    }
  });
  pipe.onClose(() => {
    isAlone = true;
    cancelBeat();
    if (isTold) handOver();
    // what nobody renews any more ends by itself
    else if (!isOver) act({ kind: 'time' });
  });
  say({ word: 'ready' });

  return {
    told() {
      isTold = true;
      if (isAlone) handOver();
    },
    panic() {
      if (isOver) return;
      carryOut({ kind: 'stop' });
      end();
    },
  };
}
