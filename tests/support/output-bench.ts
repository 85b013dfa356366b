/** The machine of the outputs with lines, as its host drives them. */
import {
  nextEnd,
  stepOutputs,
  type OutputEvent,
  type OutputLimits,
  type OutputNote,
  type OutputPlan,
  type OutputsState,
} from '../../device/outputs/output-machine.ts';

/** An output that falls safe after a second, with what is different. */
export const limits = (id: string, more: Partial<OutputLimits> = {}): OutputLimits => ({
  id,
  safe: 0,
  onBoot: 'safe',
  onLeaseEnd: 'safe',
  leaseMs: 1000,
  minOffMs: 0,
  maxOnMs: null,
  slow: false,
  ...more,
});

/** How long a slow write takes, ms. */
export const SLOW_MS = 150;

/**
 * Drives the machine as the host does: every write reaches a line, or fails where told. A slow one switches on at once,
 * also where no answer comes, and off when it is done: the worst that a slave may do.
 */
export class OutputBench {
  readonly lines = new Map<string, number>();
  readonly notes: OutputNote[] = [];
  readonly broken = new Set<string>();
  /** Called after each single write. */
  onWrite: (output: string, value: number) => void = () => {};
  readonly #underWay = new Map<string, { value: number; wanted: number; doneAt: number }>();
  state: OutputsState = new Map();
  at = 0;
  readonly plan: OutputPlan;

  constructor(plan: OutputPlan) {
    this.plan = plan;
  }

  start(why: 'boot' | 'host' = 'boot', last: Record<string, number> = {}): void {
    const lines = new Map(
      this.plan.outputs.map(({ id }) => [id, { now: this.lines.get(id) ?? null, last: last[id] ?? null }]),
    );
    this.#underWay.clear();
    this.do({ kind: 'start', why, lines });
  }

  #write(output: string, value: number): void {
    this.lines.set(output, value);
    this.onWrite(output, value);
  }

  #beginSlow(output: string, value: number): void {
    this.#underWay.set(output, { value, wanted: value, doneAt: this.at + SLOW_MS });
    if (value > 0) this.#write(output, value);
  }

  #endSlow(output: string): void {
    const { value, wanted } = this.#underWay.get(output) ?? { value: 0, wanted: 0 };
    this.#underWay.delete(output);
    const isBroken = this.broken.has(output);
    if (!isBroken) this.#write(output, value);
    // as coil-line.ts: what counts is the newest
    if (wanted !== value) this.#beginSlow(output, wanted);
    else this.do({ kind: isBroken ? 'failed' : 'obeyed', output });
  }

  do(event: OutputEvent): void {
    const { state, actions } = stepOutputs(this.plan, this.state, event, this.at);
    this.state = state;
    for (const action of actions) {
      if (action.do === 'note') {
        this.notes.push(action.note);
        continue;
      }
      const { output, value } = action;
      const slot = this.state.get(output);
      if (slot?.value !== value) continue;
      const isSlow = this.plan.outputs.some(({ id, slow }) => id === output && slow);
      const begun = this.#underWay.get(output);
      if (isSlow && begun) begun.wanted = value;
      else if (isSlow) this.#beginSlow(output, value);
      else if (this.broken.has(output)) this.do({ kind: 'failed', output });
      else {
        this.#write(output, value);
        if (slot.retryAt !== null) this.do({ kind: 'obeyed', output });
      }
    }
  }

  set(output: string, value: number, more: { forMs?: number; cause?: 'person' | 'rule'; by?: string } = {}) {
    this.do({ kind: 'set', output, value, forMs: null, cause: 'person', by: 'ann', ...more });
    return this.notes.at(-1)?.refused ?? null;
  }

  /** Lets time pass, ends at their times as the host does. */
  wait(ms: number): void {
    const end = this.at + ms;
    for (;;) {
      const next = nextEnd(this.plan, this.state) ?? Infinity;
      const [first] = [...this.#underWay].toSorted(([, a], [, b]) => a.doneAt - b.doneAt);
      if (Math.min(next, first?.[1].doneAt ?? Infinity) > end) break;
      if (first && first[1].doneAt <= next) {
        this.at = Math.max(this.at, first[1].doneAt);
        this.#endSlow(first[0]);
      } else {
        this.at = Math.max(this.at, next);
        this.do({ kind: 'time' });
      }
    }
    this.at = end;
  }
}
