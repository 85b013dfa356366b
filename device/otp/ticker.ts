/**
 * One timer for any number of periodic tasks. Due times are kept in slots of a few milliseconds, so that ten thousand
 * tasks at 1 Hz cost the clock a few hundred timers a second, and adding or removing a task costs the same however
 * many there are.
 * Refuses: to fire early; to hold the event loop long (a slice of work ends after SLICE_MS and goes on in a later turn);
 * to make up for ticks it could not keep: a late task is called once and told how many it missed.
 * Called by actors; one ticker a process.
 */
import type { Clock } from '../../src/shared/time.ts';

/** Width of a slot: how late a tick may be on an idle machine. */
export const SLOT_MS = 5;
/** Longest stretch of ticks in one turn of the event loop. */
export const SLICE_MS = 0.5;

/** One periodic duty. `tick` must not throw. */
export interface Task {
  /** Above 0. One shorter than a slot is called once a slot, the rest being missed. */
  readonly periodMs: number;
  /** `missed`: periods that went by without a call since the last one. */
  tick(missed: number): void;
}

interface Scheduled {
  readonly task: Task;
  dueAt: number;
  /** Slot number and place in it; -1 when in none. */
  slot: number;
  place: number;
}

/** Shares one timer of `clock` among all its tasks. */
export class Ticker {
  readonly clock: Clock;
  readonly #slots = new Map<number, Scheduled[]>();
  /** Numbers of all slots, a binary min-heap. */
  readonly #heap: number[] = [];
  #armed: { at: number; cancel: () => void } | null = null;
  #running = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `task.tick` first after `firstMs`, then every `periodMs` on a fixed grid. The returned function ends it. */
  add(task: Task, firstMs: number): () => void {
    const scheduled: Scheduled = { task, dueAt: this.clock.monotonic() + firstMs, slot: -1, place: -1 };
    this.#insert(scheduled);
    if (!this.#running) this.#arm();
    return () => this.#remove(scheduled);
  }

  #insert(scheduled: Scheduled): void {
    const number = Math.ceil(scheduled.dueAt / SLOT_MS);
    let slot = this.#slots.get(number);
    if (!slot) {
      slot = [];
      this.#slots.set(number, slot);
      push(this.#heap, number);
    }
    scheduled.slot = number;
    scheduled.place = slot.length;
    slot.push(scheduled);
  }

  #remove(scheduled: Scheduled): void {
    const slot = this.#slots.get(scheduled.slot);
    scheduled.dueAt = Number.NaN;
    if (!slot || slot[scheduled.place] !== scheduled) return;
    const last = slot.pop() as Scheduled;
    if (last !== scheduled) {
      slot[scheduled.place] = last;
      last.place = scheduled.place;
    }
    scheduled.slot = -1;
    if (slot.length === 0 && !this.#running) this.#arm();
  }

  /** Sets the timer for the earliest slot that holds a task, or none. */
  #arm(): void {
    let next = this.#heap[0];
    while (next !== undefined && this.#slots.get(next)?.length === 0) {
      this.#slots.delete(next);
      pop(this.#heap);
      next = this.#heap[0];
    }
    const at = next === undefined ? Number.POSITIVE_INFINITY : next * SLOT_MS;
    if (this.#armed?.at === at) return;
    this.#armed?.cancel();
    this.#armed = null;
    if (next === undefined) return;
    const cancel = this.clock.after(Math.max(0, at - this.clock.monotonic()), () => this.#run());
    this.#armed = { at, cancel };
  }

  #run(): void {
    this.#armed = null;
    this.#running = true;
    const begun = this.clock.monotonic();
    let now = begun;
    while (now - begun < SLICE_MS) {
      const number = this.#heap[0];
      if (number === undefined || number * SLOT_MS > now) break;
      const slot = this.#slots.get(number) as Scheduled[];
      // A few between looks at the clock: looking costs as much as a cheap tick.
      for (let n = 0; n < 8; n++) {
        const scheduled = slot.pop();
        if (!scheduled) break;
        this.#tick(scheduled, now);
      }
      if (slot.length === 0) {
        this.#slots.delete(number);
        pop(this.#heap);
      }
      now = this.clock.monotonic();
    }
    this.#running = false;
    this.#arm();
  }

  #tick(scheduled: Scheduled, now: number): void {
    const { task } = scheduled;
    scheduled.slot = -1;
    const missed = Math.max(0, Math.floor((now - scheduled.dueAt) / task.periodMs));
    scheduled.dueAt += (missed + 1) * task.periodMs;
    task.tick(missed);
    if (!Number.isNaN(scheduled.dueAt)) this.#insert(scheduled);
  }
}

function push(heap: number[], value: number): void {
  let i = heap.push(value) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent] as number;
    if (above <= value) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = value;
}

function pop(heap: number[]): void {
  const value = heap.pop();
  if (value === undefined || heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if ((heap[child + 1] ?? Number.POSITIVE_INFINITY) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= value) break;
    heap[i] = heap[child] as number;
    i = child;
  }
  heap[i] = value;
}
