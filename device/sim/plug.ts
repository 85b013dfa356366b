/** Making the chips of a simulated bus as configured: which kinds there are, and the words when one is wrong. */
import * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';

/** A row of `chips` in the configuration of a bus. */
export interface ChipConfig {
  chip: string;
  address?: number | undefined;
}

/**
 * Makes each configured chip. `make` finds the maker by the chip's name and gives what it made.
 * Throws CONFIG_INVALID naming the row when there is no such chip, or a knob is not known.
 */
export function plugIn<Maker, Chip>(
  bus: string,
  chips: readonly ChipConfig[],
  makers: Readonly<Record<string, Maker>>,
  make: (maker: Maker, config: ChipConfig, path: string) => Chip,
): Chip[] {
  return chips.map((config, i) => {
    const path = `buses.${bus}.chips.${i}`;
    const maker = Object.hasOwn(makers, config.chip) ? makers[config.chip] : undefined;
    if (!maker) {
      const known = Object.keys(makers).join(', ');
      throw wrong(`${path}.chip`, `there is no simulated ${config.chip} here; known: ${known}`);
    }
    try {
      return make(maker, config, path);
    } catch (cause) {
      if (!(cause instanceof z.ZodError)) throw cause;
      const issue = cause.issues[0];
      throw wrong([path, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'invalid', cause);
    }
  });
}

/** CONFIG_INVALID at a path. */
export function wrong(path: string, why: string, cause?: unknown): MusterError {
  return new MusterError('CONFIG_INVALID', `${path}: ${why}`, { path }, cause);
}
