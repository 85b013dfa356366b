/**
 * Simulated GPIO lines with edges. A `pulses` line pulses as often as its world says (Hz); a `switch` line is active
 * where its world is at least a half. Edges are told in bunches with the times at which they happened, as the kernel's
 * buffer hands them over.
 */
import * as z from 'zod';
import type { Clock } from '../../src/shared/time.ts';
import { busMissing } from '../bus/bus.ts';
import type { GpioLines, OnEdge } from '../bus/gpio-lines.ts';
import { plugIn, type ChipConfig } from './plug.ts';
import { defineChip, type ChipMaker, type Disturbable } from './sim-chip.ts';
import { MusterError } from '../../src/shared/errors.ts';

/** What drives a line. */
interface Source {
  level(): boolean;
  /** Edges from one moment to another, monotonic ms, in order. */
  edges(fromMs: number, toMs: number, tell: (active: boolean, atMs: number) => void): void;
}

const pulses = defineChip<Source>({ rate: { mean: 2, swing: 1.5, noise: 0.1 } }, (world) => {
  let phase = 0;
  let level = false;
  return {
    level: () => level,
    edges(fromMs, toMs, tell) {
      const perMs = Math.max(0, world.now('rate')) / 1000;
      if (perMs === 0) return;
      // two edges a pulse, half a period apart
      for (let at = fromMs + (0.5 - phase) / perMs; ; at += 0.5 / perMs) {
        if (at > toMs) {
          phase = 0.5 - (at - toMs) * perMs;
          return;
        }
        level = !level;
        tell(level, at);
      }
    },
  };
});

const toggle = defineChip<Source>({ level: { mean: 0.5, swing: 0.5, periodS: 600 } }, (world) => {
  let level = world.now('level') >= 0.5;
  return {
    level: () => level,
    edges(_, toMs, tell) {
      const now = world.now('level') >= 0.5;
      if (now !== level) tell((level = now), toMs);
    },
  };
});

const CHIPS: Readonly<Record<string, ChipMaker<Source>>> = { pulses, switch: toggle };

/** How often edges are handed over, ms. */
const BUNCH_MS = 20;

const lineSchema = z.looseObject({ line: z.number().int().min(0).max(511) });

export interface SimGpio extends GpioLines {
  chip(line: number): Disturbable | undefined;
}

/** Makes the lines as configured; each has a `line`. Throws CONFIG_INVALID naming what is not known. */
export function createSimGpio(id: string, chips: readonly ChipConfig[], clock: Clock): SimGpio {
  const byLine = new Map(
    plugIn(id, chips, CHIPS, (make, config) => {
      const { line, ...rest } = lineSchema.parse(config);
      return [line, make(rest, clock)] as const;
    }),
  );
  const held = new Set<number>();
  return {
    kind: 'gpio',
    id,
    chip: (line) => byLine.get(line),
    async input(line, { activeLow }, onEdge: OnEdge) {
      const source = byLine.get(line);
      if (!source || source.knobs.unplugged) throw busMissing(`${id} line ${line}`);
      if (held.has(line))
        throw new MusterError('BUS_MISSING', `line ${line} of ${id} is in use`, { bus: id, line });
      held.add(line);
      let from = clock.monotonic();
      let sequence = 0;
      let cancel = (): void => {};
      const bunch = (): void => {
        const to = clock.monotonic();
        if (!source.knobs.unplugged)
          source.edges(from, to, (active, atMs) => onEdge(active !== activeLow, atMs, ++sequence));
        from = to;
        cancel = clock.after(BUNCH_MS, bunch);
      };
      cancel = clock.after(BUNCH_MS, bunch);
      return {
        async active() {
          if (source.knobs.unplugged) throw busMissing(id);
          if (source.knobs.hanging) await new Promise<never>(() => {});
          return source.level() !== activeLow;
        },
        close() {
          cancel();
          held.delete(line);
        },
      };
    },
  };
}
