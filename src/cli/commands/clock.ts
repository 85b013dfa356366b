/** `muster clock`: what a device knows of wall time, and this laptop's time for it. */
import type { ClockBelief } from '../../shared/device-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { findDevice } from '../find-device.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { withEngine } from '../with-engine.ts';

export interface ClockOptions {
  set?: boolean;
}

const VERDICTS = {
  taken: 'The device took this laptop’s time.',
  agrees: 'The device’s time agrees with this laptop’s.',
  'has-better': 'The device keeps its own time: a time service has set it.',
  implausible: 'The device did not take this laptop’s time: it lies before Muster was written.',
} as const;

const iso = (epochMs: number) =>
  Math.abs(epochMs) < 8e15 ? new Date(epochMs).toISOString() : String(epochMs);

/** Prints what `host` believes and why; with `set` it is offered this laptop's time first. */
export function clock(context: CommandContext, host: string, { set = false }: ClockOptions): Promise<void> {
  return withEngine(context, { watch: true }, async (engine) => {
    const device = await findDevice(engine, host);
    if (!device.mine)
      throw new MusterError('NOT_INSTALLED', `${device.name} is not a device of this site`, {
        device: device.name,
      });
    await engine.linked(device.id);
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
      ...(offered ? [VERDICTS[offered.verdict]] : []),
      `${device.name}: ${shown(state.believed, state.monotonicMs)}, run ${state.run}`,
      events.length > 0 ? table(['RUN', 'BEFORE', 'AFTER', 'WHY'], events) : 'Its time was never changed.',
    ].join('\n');
    context.output.result({ device: device.name, offered, ...state }, text);
  });
}
