/**
 * The output lines of a GPIO chip, shaped after Linux' character device v2 (kernel: include/uapi/linux/gpio.h): a line
 * is requested with its first level, set, and given back. Calls do not wait: each is one ioctl, or one small file where
 * the chip is simulated; a level that has to be safe must not stand behind anything else in a queue.
 */

export interface GpioOutput {
  /** Drives the line. Throws BUS_MISSING when the chip is gone. */
  set(high: boolean): void;
  /** Gives the line back. What it shows then is the kernel's and the pin's own affair. */
  close(): void;
}

export interface GpioOutputs<Line = number> {
  /** Name in the configuration: `gpiochip0`. */
  readonly id: string;
  /** What a line shows before anybody requests it; null where that cannot be known. Throws BUS_MISSING. */
  level(line: Line): boolean | null;
  /** Requests a line and drives it with `high` in the same moment. Throws BUS_MISSING where it cannot be had. */
  output(line: Line, high: boolean): GpioOutput;
}
