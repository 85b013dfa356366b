/**
 * One output's line: a value from 0 to 1 becomes a level, or a level that alternates.
 * Owns: inversion, software PWM. Refuses: to decide a value (output-machine.ts). Throws what the chip throws.
 */
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { GpioOutput, GpioOutputs } from '../bus/gpio-outputs.ts';
import type { LineOutput } from './output-config.ts';

/** Where a value goes. */
export interface OutputWire {
  /** True: `set` only begins; the end is told to who made it. */
  readonly slow: boolean;
  /** What it shows, 0 or 1, before it is driven; null where that cannot be known. */
  shown(): number | null | Promise<number | null>;
  /** Throws BUS_MISSING where the end is known at once. */
  set(value: number): void;
  /** Settles when what was set last is done, or has failed. */
  settled(): Promise<void>;
  /** Gives it back as it is. */
  close(): void;
}

export class OutputLine implements OutputWire {
  readonly slow = false;
  readonly #config: LineOutput;
  readonly #chip: GpioOutputs | MusterError;
  readonly #clock: Clock;
  readonly #onFault: (error: MusterError) => void;
  #line: GpioOutput | null = null;
  #cancel = (): void => {};

  /** `chip`: an error where there is none of that name. `onFault`: a PWM edge between two `set`s failed. */
  constructor(
    config: LineOutput,
    chip: GpioOutputs | MusterError,
    clock: Clock,
    onFault: (error: MusterError) => void,
  ) {
    this.#config = config;
    this.#chip = chip;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  shown(): number | null {
    if (this.#chip instanceof MusterError) return null;
    try {
      const high = this.#chip.level(this.#config.line);
      return high === null ? null : Number(high !== this.#config.inverted);
    } catch {
      return null;
    }
  }

  set(value: number): void {
    this.#cancel();
    const { kind, periodMs } = this.#config;
    if (kind === 'gpio' || value === 0 || value === 1) return this.#drive(value > 0);
    this.#drive(true);
    this.#alternate(value * periodMs, (1 - value) * periodMs);
  }

  async settled(): Promise<void> {}

  close(): void {
    this.#cancel();
    this.#line?.close();
    this.#line = null;
  }

  /** On for `onMs`, which has just begun, off for `offMs`, and so on, on a grid that does not drift. */
  #alternate(onMs: number, offMs: number): void {
    let due = this.#clock.monotonic();
    let isOn = true;
    const arm = (): void => {
      const now = this.#clock.monotonic();
      due = Math.max(due + (isOn ? onMs : offMs), now);
      this.#cancel = this.#clock.after(due - now, () => {
        isOn = !isOn;
        try {
          this.#drive(isOn);
        } catch (error) {
          return this.#onFault(toMusterError(error, 'BUS_MISSING'));
        }
        arm();
      });
    };
    arm();
  }

  #drive(on: boolean): void {
    const high = on !== this.#config.inverted;
    if (this.#line) return this.#line.set(high);
    if (this.#chip instanceof MusterError) throw this.#chip;
    this.#line = this.#chip.output(this.#config.line, high);
  }
}
