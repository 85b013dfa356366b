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
import type { ModbusBus } from '../bus/modbus/modbus-bus.ts';
import { openModbus } from '../bus/modbus/open-modbus.ts';
import { simCoils, simOutputs } from '../sim/sim-outputs.ts';
import { CoilLine } from './coil-line.ts';
import { outputPlan, type OutputConfig } from './output-config.ts';
import { OutputLine, type OutputWire } from './output-line.ts';
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
  /** A fault of its own: all safe, at once. `then`: called when that is done, or has taken too long. */
  panic(then: () => void): void;
}

/** At the end of the process a write that is under way may take this long, ms. */
const LAST_WRITE_MS = 3000;
/** What a line shows at the start is asked for this long, ms. */
const SHOWN_MS = 3000;

/** Makes the wires of outputs; those of one Modbus bus share it. `onEnd`: see CoilLine; a line's PWM tells its faults so. */
function wireMaker({ prefix, simulated, chips, modbus }: OutputsHostPlan, clock: Clock) {
  const buses = new Map<string, ModbusBus>();
  const chipOf = (bus: string): GpioOutputs | MusterError => {
    const device = chips[bus];
    if (device !== undefined) return linuxOutputs(bus, device);
    return simulated.includes(bus) ? simOutputs(prefix, bus) : busMissing(bus);
  };
  const coilsOf = (id: string): Pick<ModbusBus, 'read' | 'writeCoil'> | MusterError => {
    const config = modbus.find((bus) => bus.id === id);
    if (config?.kind !== 'modbus-rtu' && config?.kind !== 'modbus-tcp')
      return simulated.includes(id) ? simCoils(prefix, id) : busMissing(id);
    const bus = buses.get(id) ?? openModbus(config, clock);
    buses.set(id, bus);
    return bus;
  };
  return (config: OutputConfig, onEnd: (error: MusterError | null) => void): OutputWire =>
    config.kind === 'modbus-coil'
      ? new CoilLine(config, coilsOf(config.bus), clock, onEnd)
      : new OutputLine(config, chipOf(config.bus), clock, onEnd);
}

export function runOutputsHost({ pipe, clock, keep, leave }: OutputsHostParts): OutputsHostBody {
  let plan: OutputPlan = { outputs: [], interlocks: [] };
  let orphans = '';
  let state: OutputsState = new Map();
  const lines = new Map<string, OutputWire>();
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

  async function begin(told: OutputsHostPlan): Promise<void> {
    const { outputs, interlocks, last, why } = told;
    orphans = told.orphans;
    const wire = wireMaker(told, clock);
    beat();
    await Promise.all(told.retired.map((config) => retire(config, wire)));
    for (const config of outputs)
      lines.set(
        config.id,
        wire(config, (error) => (error ? failed(config.id, error) : obeyed(config.id))),
      );
    const shown = await Promise.all(
      outputs.map(
        async ({ id, onBoot, kind }): Promise<[string, { now: number | null; last: number | null }]> => {
          // asking a slave takes its time: only where it matters
          const isAsked = kind !== 'modbus-coil' || onBoot === 'hold';
          const now = isAsked ? await within(SHOWN_MS, lines.get(id)?.shown() ?? null) : null;
          return [id, { now, last: last[id] ?? null }];
        },
      ),
    );
    if (isOver) return;
    plan = outputPlan(outputs, interlocks);
    act({ kind: 'start', why, lines: new Map(shown) });
  }

  /** What comes within `ms`, null where nothing does. */
  function within<T>(ms: number, work: T | Promise<T>): T | Promise<T | null> {
    if (!(work instanceof Promise)) return work;
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => resolve(null));
      void work.then(resolve).finally(cancel);
    });
  }

  async function retire(config: OutputConfig, wire: ReturnType<typeof wireMaker>): Promise<void> {
    const { id: output, safe: value } = config;
    let refused: string | null = null;
    const refuse = (error: MusterError): void => {
      refused = error.message.slice(0, 500);
    };
    const line = wire(config, (error) => error && refuse(error));
    const before = await within(SHOWN_MS, line.shown());
    try {
      // what a share of the time would need somebody to hold: off is the nearest that stays
      line.set(value === 1 ? 1 : 0);
      await within(LAST_WRITE_MS, line.settled());
    } catch (error) {
      refuse(toMusterError(error));
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
    // a write that fails yet is tried again
    else if (isAlone && ![...state.values()].some(({ underWay }) => underWay)) void end();
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
      const line = lines.get(output);
      try {
        line?.set(value);
      } catch (error) {
        faults.set(output, toMusterError(error).message.slice(0, 500));
        carryOut({ kind: 'failed', output });
        continue;
      }
      if (line?.slow || slot.retryAt === null) continue;
      faults.delete(output);
      carryOut({ kind: 'obeyed', output });
    }
  }

  function failed(output: string, error: MusterError): void {
    faults.set(output, error.message.slice(0, 500));
    if (!isOver) act({ kind: 'failed', output });
  }

  function obeyed(output: string): void {
    faults.delete(output);
    if (!isOver) act({ kind: 'obeyed', output });
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

  async function answer(id: number, deed: OutputDeed): Promise<void> {
    const { output } = deed;
    if (!state.has(output)) return say({ word: 'done', id, refused: 'there is no such output' });
    // one that is being switched off is no reason to refuse another: in a moment it is certain
    if (deed.kind === 'set' && deed.value > 0) await within(LAST_WRITE_MS, partnersOf(output));
    if (isOver) return;
    const before = notes.length;
    carryOut(deed);
    const refusal = notes.slice(before).find(({ note }) => note.output === output && note.refused);
    let refused = refusal?.note.refused ?? null;
    act({ kind: 'time' });
    const line = lines.get(output);
    if (refused === null && line?.slow) {
      await line.settled();
      if (state.get(output)?.retryAt !== null)
        refused = faults.get(output) ?? 'its line could not be written';
    }
    say({ word: 'done', id, refused });
  }

  /** Resolves when no write of what is never on beside `output` is under way. */
  async function partnersOf(output: string): Promise<void> {
    const partners = plan.interlocks.filter((group) => group.includes(output)).flat();
    await Promise.all(partners.map(async (id) => id !== output && lines.get(id)?.settled()));
  }

  async function end(): Promise<void> {
    if (isOver) return;
    isOver = true;
    cancelEnd();
    cancelBeat();
    await within(LAST_WRITE_MS, Promise.all([...lines.values()].map((line) => line.settled())));
    for (const line of lines.values()) line.close();
    leave();
  }

  function handOver(): void {
    if (isOver) return;
    act({ kind: 'handover' });
    void end();
  }

  pipe.onMessage((message) => {
    if (isOver) return;
    const order = unpacked(message) as OutputsOrder;
    if (order.order === 'begin') void begin(order.plan);
    else if (order.order === 'do') void answer(order.id, order.deed);
    else {
      act({ kind: 'stop' });
      void end();
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
    panic(then) {
      if (isOver) return then();
      carryOut({ kind: 'stop' });
      void end().finally(then);
    },
  };
}
