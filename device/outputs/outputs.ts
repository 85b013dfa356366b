/**
 * The outputs as the rest of the daemon knows them: what each is at, who holds it, and the way to command one.
 * Owns: what the host said last, the events made of its notes, the channels that show outputs on charts. Refuses: to
 * decide (output-machine.ts, in the host) and to touch a line. Outlives the host: while that is away commands are
 * refused in words. Called by control, by the rules, and by outputs-host.ts.
 */
import type { ClockSource, ChannelInfo } from '../../src/shared/reading.ts';
import { qualityByte } from '../../src/shared/reading.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { OutputState } from '../../src/shared/output.ts';
import { QUANTITIES } from '../../src/shared/quantity.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { EventLog } from './event-log.ts';
import type { LastValues } from './last-values.ts';
import type { InterlockConfig, OutputConfig } from './output-config.ts';
import { restMs, type OutputNote } from './output-machine.ts';
import type { OutputDeed, SlotRow, TimedNote } from './outputs-messages.ts';

export interface OutputsOptions {
  outputs: readonly OutputConfig[];
  interlocks: readonly InterlockConfig[];
  events: EventLog;
  last: LastValues;
  clock: Clock;
  /** What a moment of the monotonic clock is called in this run. */
  stamp: (monotonicMs: number) => { at: number; clock: ClockSource; run: number };
  /** Where values go, so that charts show them. */
  register: (channels: Omit<ChannelInfo, 'index'>[]) => readonly number[];
  record: (channel: number, atMs: number, value: number, quality: number) => void;
}

/** The way to the host that holds the lines. */
export type SendDeed = (deed: OutputDeed) => Promise<string | null>;

/** How often values are recorded besides each change, ms. */
const RECORD_MS = 5000;
const OK = qualityByte('ok');

export class Outputs {
  readonly #options: OutputsOptions;
  readonly #channels: readonly number[];
  readonly #slots = new Map<string, SlotRow>();
  /** The last refusal of each output that was told, so that a rule that tries again and again is told once. */
  readonly #refusals = new Map<string, string>();
  #send: SendDeed | null = null;
  #recordedAt = -Infinity;

  constructor(options: OutputsOptions) {
    this.#options = options;
    this.#channels = options.register(
      options.outputs.map(({ id, name, kind }) => {
        const quantity = kind === 'pwm' ? 'share' : 'state';
        const { unit, decimals } = QUANTITIES[quantity];
        return {
          sensor: id,
          sensorName: name ?? id,
          driver: 'output',
          channel: 'value',
          quantity,
          unit,
          decimals,
          periodMs: RECORD_MS,
        };
      }),
    );
  }

  // ---- for who commands

  /** Throws REFUSED {field, value, reason}; HOST_FAILED while nobody holds the lines. */
  async command(deed: OutputDeed): Promise<OutputState> {
    const { output } = deed;
    const config = this.#options.outputs.find(({ id }) => id === output);
    if (!config) throw refusal(output, 'there is no output of this name');
    if (deed.kind === 'set' && config.kind !== 'pwm' && deed.value !== 0 && deed.value !== 1)
      throw refusal(output, 'it knows only on and off');
    if (!this.#send)
      throw new MusterError('HOST_FAILED', 'the process that holds the outputs is being started', {
        host: 'outputs',
      });
    const refused = await this.#send(deed);
    if (refused !== null) throw refusal(output, refused);
    return this.#row(config, this.#options.clock.monotonic());
  }

  rows(): OutputState[] {
    const now = this.#options.clock.monotonic();
    return this.#options.outputs.map((config) => this.#row(config, now));
  }

  // ---- for the host

  attach(send: SendDeed): void {
    this.#send = send;
  }

  detach(): void {
    this.#send = null;
  }

  /** What the host holds now, and what happened meanwhile. */
  held(slots: readonly SlotRow[], notes: readonly TimedNote[]): void {
    for (const slot of slots) this.#slots.set(slot.output, slot);
    for (const { note, atMs } of notes) this.#note(note, atMs);
  }

  /** What happened while no root was there to hear of it; `wallMs` is all that is known of when. */
  orphaned(notes: readonly TimedNote[]): void {
    for (const { note, wallMs } of notes) {
      const { clock } = this.#options.stamp(0);
      void this.#options.events.add({ ...eventOf(note), at: wallMs, clock, run: 0 });
    }
  }

  /** Records the values when that is due. */
  beat(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#recordedAt < RECORD_MS) return;
    this.#recordedAt = now;
    for (const { id } of this.#options.outputs) {
      const slot = this.#slots.get(id);
      if (slot && this.#send) this.#record(id, now, slot.value);
    }
  }

  #note(note: OutputNote, atMs: number): void {
    const { output, value, before, cause, by, refused } = note;
    if (refused === null) {
      this.#refusals.delete(output);
      if (cause === 'person' || cause === 'rule') void this.#options.last.note(output, value);
      if (before !== null && before !== value) {
        // a step on the chart, not a slope from the last reading
        this.#record(output, atMs - 1, before);
        this.#record(output, atMs, value);
      }
    } else {
      // seconds in it count down: the same refusal again is no news
      const said = `${cause} ${by} ${refused.replaceAll(/\d/g, '')}`;
      if (cause !== 'person' && this.#refusals.get(output) === said) return;
      this.#refusals.set(output, said);
    }
    void this.#options.events.add({ ...eventOf(note), ...this.#options.stamp(atMs) });
  }

  #record(output: string, atMs: number, value: number): void {
    const { outputs, record } = this.#options;
    const n = outputs.findIndex(({ id }) => id === output);
    const channel = this.#channels[n];
    if (channel === undefined) return;
    record(channel, atMs, outputs[n]?.kind === 'pwm' ? value * 100 : value, OK);
  }

  #row(config: OutputConfig, now: number): OutputState {
    const { id, name, kind, safe, maxOnMs = null } = config;
    const slot = this.#slots.get(id);
    const never = this.#options.interlocks.flatMap((group) =>
      group.never.includes(id) ? group.never.filter((other) => other !== id) : [],
    );
    const error = this.#send ? (slot?.error ?? null) : 'the process that holds it is being started';
    const isKnown = slot !== undefined && error === null;
    return {
      output: id,
      name: name ?? id,
      kind,
      state: isKnown ? 'ok' : 'failing',
      error,
      value: isKnown ? slot.value : null,
      safe,
      hold: slot?.hold
        ? { cause: slot.hold.cause, by: slot.hold.by, leftMs: Math.max(0, slot.hold.until - now) }
        : null,
      onMs: isKnown && slot.value > 0 ? Math.max(0, now - slot.switchedAt) : null,
      restMs: slot ? restMs(config, slot, now) : 0,
      maxOnMs,
      never: [...new Set(never)],
    };
  }
}

function eventOf({ output, ...note }: OutputNote) {
  return { kind: 'output' as const, subject: output, ...note };
}

function refusal(output: string, reason: string): MusterError {
  return new MusterError('REFUSED', `${output}: ${reason}`, { field: 'output', value: output, reason });
}
