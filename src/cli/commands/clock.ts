/** `muster clock`: what a device knows of wall time, and this laptop's time for it. */
import { verdictWords } from '../../shared/clock-words.ts';
import type { ClockBelief } from '../../shared/device-contract.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { withDevice } from '../with-device.ts';

export interface ClockOptions {
  set?: boolean;
}

const iso = (epochMs: number) =>
  Math.abs(epochMs) < 8e15 ? new Date(epochMs).toISOString() : String(epochMs);

/** Prints what `host` believes and why; with `set` it is offered this laptop's time first. */
export function clock(context: CommandContext, host: string, { set = false }: ClockOptions): Promise<void> {
  return withDevice(context, host, async (engine, device) => {
    const offered = set ? await engine.handlers['device.setClock']({ device: device.id }) : null;
    const state = await engine.handlers['device.clock']({ device: device.id });
    const shown = ({ offsetMs, clock: source }: ClockBelief, monotonicMs: number) =>
      `${iso(offsetMs + monotonicMs)} (${source})`;
    const events = state.events.map(({ run, monotonicMs, before, after, why }) => [
      String(run),
      shown(before, monotonicMs),
      shown(after, monotonicMs),
      why,
    ]);
    const text = [
      ...(offered ? [verdictWords(offered.verdict, offered.movedMs)] : []),
      `${device.name}: ${shown(state.believed, state.monotonicMs)}, run ${state.run}`,
      events.length > 0 ? table(['RUN', 'BEFORE', 'AFTER', 'WHY'], events) : 'Its time was never changed.',
    ].join('\n');
    context.output.result({ device: device.name, offered, ...state }, text);
  });
}
