/** `muster watch`: readings as they come. */
import { QUALITIES } from '../../shared/reading.ts';
import type { Channel } from '../../shared/engine-contract.ts';
import type { CommandContext } from '../main.ts';
import { withDevice } from '../with-device.ts';

/** A typed array over bytes that may lie anywhere in a buffer. */
function doubles(bytes: Uint8Array): Float64Array {
  return new Float64Array(new Uint8Array(bytes).buffer);
}

/** Prints readings of `host` until Ctrl+C or `seconds`. */
export function watch(context: CommandContext, host: string, seconds: number | null): Promise<void> {
  return withDevice(context, host, async (engine, device) => {
    const { output } = context;
    const channels = new Map<number, Channel>();
    const stop = new AbortController();
    const end = () => stop.abort();
    process.once('SIGINT', end);
    const timer = seconds === null ? undefined : setTimeout(end, seconds * 1000);
    let after: number | null = null;
    while (!stop.signal.aborted) {
      const pulled = await engine.handlers['series.pull']({
        device: device.id,
        after,
        waitMs: after === null ? 0 : 500,
      });
      after = pulled.serial;
      const ids = new Uint32Array(new Uint8Array(pulled.channel).buffer);
      if (ids.some((id) => !channels.has(id)))
        for (const channel of (await engine.handlers['channels.list']({ device: device.id })).channels)
          channels.set(channel.id, channel);
      const t = doubles(pulled.t);
      const value = doubles(pulled.value);
      for (const [i, id] of ids.entries()) {
        const channel = channels.get(id);
        if (!channel) continue;
        const at = new Date(t[i] ?? 0).toISOString();
        const quality = QUALITIES[pulled.quality[i] ?? 0] ?? 'suspect';
        const { sensor, channel: name, unit, decimals } = channel;
        const number = value[i] ?? Number.NaN;
        if (output.json)
          process.stdout.write(
            `${JSON.stringify({ at, device: device.name, sensor, channel: name, unit, value: Number.isNaN(number) ? null : number, quality })}\n`,
          );
        else
          output.line(
            `${at}  ${sensor}/${name}  ${Number.isNaN(number) ? '–' : number.toFixed(decimals)} ${unit}${quality === 'ok' ? '' : `  ${quality}`}`,
          );
      }
    }
    clearTimeout(timer);
    process.off('SIGINT', end);
  });
}
