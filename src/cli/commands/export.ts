/** `muster export`: fetch what is new, then write the file. */
import { resolve } from 'node:path';
import { findDevice } from '../find-device.ts';
import { followJob } from '../follow-job.ts';
import type { CommandContext } from '../main.ts';
import { withEngine } from '../with-engine.ts';

export interface ExportOptions {
  out: string;
  device?: string;
  from?: number;
  to?: number;
  offline?: boolean;
}

/** How long a device may take to be reached before the export goes on without its newest readings. */
const FETCH_MS = 8000;

/** Saves readings as CSV. */
export function exportCsv(context: CommandContext, options: ExportOptions): Promise<void> {
  return withEngine(context, { watch: !options.offline }, async (engine) => {
    const device = options.device ? await findDevice(engine, options.device) : null;
    if (!options.offline) {
      const mine = (await engine.handlers['fleet.snapshot']({})).devices.filter(({ mine, id }) =>
        device ? id === device.id : mine,
      );
      const caught = await Promise.all(mine.map((record) => engine.caughtUp(record.id, FETCH_MS)));
      for (const [i, record] of mine.entries())
        if (!caught[i])
          context.output.progress(`${record.name} does not answer: its newest readings are not in the file.`);
    }
    const { job } = await engine.handlers['export.start']({
      devices: device ? [device.id] : [],
      channels: [],
      from: options.from ?? null,
      to: options.to ?? null,
      out: resolve(options.out),
    });
    const { result } = await followJob(engine, job, context.output);
    const unreadable = Number(result?.['unreadable'] ?? 0);
    if (unreadable > 0)
      context.output.progress(
        `${unreadable} readings are not in the file: the disk of this computer does not give them back.`,
      );
    context.output.result(result, `${result?.['rows'] ?? 0} readings in ${result?.['path'] ?? options.out}`);
  });
}
