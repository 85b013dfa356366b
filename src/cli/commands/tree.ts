/** `muster tree`: the supervision tree of a device, once or again and again. */
import { toMusterError } from '../../shared/errors.ts';
import type { CommandContext } from '../main.ts';
import { treeText } from '../tree-text.ts';
import { withDevice } from '../with-device.ts';
import { pause } from '../with-engine.ts';

export interface TreeOptions {
  watch?: boolean;
}

const EVERY_MS = 1000;
/** Cursor to the upper left, and everything below it gone (ECMA-48, CUP and ED). */
const CLEAR = '\u001b[H\u001b[J';

/** Prints the tree of `host`; with `watch` every second until Ctrl+C, on a terminal always in the same place. */
export function tree(context: CommandContext, host: string, { watch = false }: TreeOptions): Promise<void> {
  return withDevice(context, host, async (engine, device) => {
    const { output } = context;
    const clear = watch && process.stdout.isTTY ? CLEAR : '';
    const print = async (): Promise<void> => {
      await engine.linked(device.id);
      const { rows } = await engine.handlers['device.tree']({ device: device.id });
      const { mode, modeReason } = await engine.handlers['device.status']({ device: device.id });
      const safe = mode === 'safe' ? `SAFE MODE, all sensors are off: ${modeReason ?? ''}\n` : '';
      output.result({ device: device.name, mode, modeReason, rows }, `${clear}${safe}${treeText(rows)}`);
    };
    await print();
    if (!watch) return;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    for (await pause(EVERY_MS); !ended.signal.aborted; await pause(EVERY_MS))
      await print().catch((thrown: unknown) => {
        // a cut does not end the watching: the link comes back by itself
        if (!toMusterError(thrown).retryable) throw thrown;
        output.progress(`${device.name} does not answer now.`);
      });
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  });
}
