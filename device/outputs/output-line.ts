/**
 * One output's line: a value from 0 to 1 becomes a level, or a level that alternates.
 * Owns: inversion, software PWM. Refuses: to decide a value (output-machine.ts). Throws what the chip throws.
 */
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { GpioOutput, GpioOutputs } from '../bus/gpio-outputs.ts';
import type { OutputConfig } from './output-config.ts';

export class OutputLine {
  readonly #config: OutputConfig;
  readonly #chip: GpioOutputs | MusterError;
  readonly #clock: Clock;
  readonly #onFault: (error: MusterError) => void;
  #line: GpioOutput | null = null;
  #cancel = (): void => {};

  /** `chip`: an error where there is none of that name. `onFault`: a PWM edge between two `set`s failed. */
  constructor(
    config: OutputConfig,
    chip: GpioOutputs | MusterError,
    clock: Clock,
    onFault: (error: MusterError) => void,
  ) {
    this.#config = config;
    this.#chip = chip;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** What the line shows, 0 or 1, before it is driven; null where that cannot be known. */
  shown(): number | null {
    if (this.#chip instanceof MusterError) return null;
    try {
      const high = this.#chip.level(this.#config.line);
      return high === null ? null : Number(high !== this.#config.inverted);
    } catch {
      return null;
    }
  }

  /** Drives the line to a value. Throws BUS_MISSING. */
  set(value: number): void {
    this.#cancel();
    const { kind, periodMs } = this.#config;
    if (kind === 'gpio' || value === 0 || value === 1) return this.#drive(value > 0);
    this.#drive(true);
    this.#alternate(value * periodMs, (1 - value) * periodMs);
  }

  /** Gives the line back as it is. */
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
