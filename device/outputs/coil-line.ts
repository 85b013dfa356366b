/**
 * One output that is a coil of a Modbus slave: a value becomes a question that takes its time, and may get no answer.
 * Owns: one write at a time, of which the newest value counts; writing it again now and then, so that a slave that was
 * switched off and on comes back to it, and one that is gone is noticed. Refuses: to try again what failed (the machine does).
 */
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { ModbusBus } from '../bus/modbus/modbus-bus.ts';
import type { CoilOutput } from './output-config.ts';
import type { OutputWire } from './output-line.ts';

/** How often a coil is written again, ms. */
const AGAIN_MS = 5000;

export class CoilLine implements OutputWire {
  readonly slow = true;
  readonly #config: CoilOutput;
  readonly #bus: Pick<ModbusBus, 'read' | 'writeCoil'> | MusterError;
  readonly #clock: Clock;
  readonly #onEnd: (error: MusterError | null) => void;
  #wanted = 0;
  #done: Promise<void> | null = null;
  #isOrdered = false;
  #isClosed = false;
  #cancel = (): void => {};

  /** `onEnd`: what was set last is done, or why not; also when it could not be written again. */
  constructor(
    config: CoilOutput,
    bus: Pick<ModbusBus, 'read' | 'writeCoil'> | MusterError,
    clock: Clock,
    onEnd: (error: MusterError | null) => void,
  ) {
    this.#config = config;
    this.#bus = bus;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  async shown(): Promise<number | null> {
    const { unit, coil, inverted } = this.#config;
    if (this.#bus instanceof MusterError) return null;
    try {
      const [on] = await this.#bus.read(unit, 'coil', coil, 1);
      return Number((on === 1) !== inverted);
    } catch {
      return null;
    }
  }

  set(value: number): void {
    this.#wanted = value;
    this.#isOrdered = true;
    this.#begin();
  }

  async settled(): Promise<void> {
    await this.#done;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #begin(): void {
    this.#cancel();
    this.#done ??= this.#run().finally(() => {
      this.#done = null;
    });
  }

  async #run(): Promise<void> {
    let error: MusterError | null;
    let value: number;
    do {
      value = this.#wanted;
      error = await this.#write(value);
    } while (value !== this.#wanted);
    const isOrdered = this.#isOrdered;
    this.#isOrdered = false;
    if (this.#isClosed) return;
    if (error === null) this.#cancel = this.#clock.after(AGAIN_MS, () => this.#begin());
    if (error !== null || isOrdered) this.#onEnd(error);
  }

  async #write(value: number): Promise<MusterError | null> {
    const { unit, coil, inverted } = this.#config;
    if (this.#bus instanceof MusterError) return this.#bus;
    try {
      await this.#bus.writeCoil(unit, coil, value > 0 !== inverted);
      return null;
    } catch (error) {
      return toMusterError(error, 'BUS_MISSING');
    }
  }
}
