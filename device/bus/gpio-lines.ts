/**
 * The input lines of a GPIO chip as a driver sees them, shaped after Linux' character device v2
 * (kernel: include/uapi/linux/gpio.h): a line is requested, says its level, tells of its edges, and is given back.
 * Refuses: debouncing and counting (the drivers', so that they are the same over simulated lines).
 */

export interface LineSetup {
  /** What holds the line while nothing drives it. */
  bias: 'as-is' | 'disabled' | 'pull-up' | 'pull-down';
  /** True: low voltage is the active level. */
  activeLow: boolean;
}

/**
 * One edge. `active`: the level after it. `atMs`: the kernel's time stamp on the monotonic clock, taken in the interrupt,
 * so it is right however late this is called. `sequence`: number of the edge of this line since it was requested,
 * from 1 (`line_seqno`); a jump says how many edges the kernel's buffer could not hold.
 */
export type OnEdge = (active: boolean, atMs: number, sequence: number) => void;

/** A requested line. */
export interface GpioInput {
  /** The level now. Rejects with BUS_MISSING when the chip is gone. */
  active(): Promise<boolean>;
  /** Gives the line back; no edge is told afterwards. */
  close(): void;
}

export interface GpioLines {
  readonly kind: 'gpio';
  /** Name in the configuration: `gpiochip0`. */
  readonly id: string;
  /** Requests a line by its offset. Rejects with BUS_MISSING where there is none such, or somebody else holds it. */
  input(line: number, setup: LineSetup, onEdge: OnEdge): Promise<GpioInput>;
}
