/** `muster serve`: the browser shell, until Ctrl+C. */
import { createInterface } from 'node:readline';
import type { Engine } from '../../core/engine.ts';
import { findPrograms } from '../../core/programs.ts';
import { serve } from '../../serve/server.ts';
import type { CommandContext } from '../main.ts';
import { openBrowser } from '../open-browser.ts';
import { withEngine } from '../with-engine.ts';

/** Serves until the person or the system says stop. */
export function serveCommand(
  context: CommandContext,
  options: { port?: number; demo?: number | true },
): Promise<void> {
  return withEngine(context, { watch: true, campaigns: true }, async (engine) => {
    if (options.demo)
      await engine.handlers['demo.start']({ devices: options.demo === true ? 3 : options.demo });
    await serveUntilStopped(context, engine, options.port ?? null);
  });
}

/** Opens the browser shell over `engine`, prints its link, and stays until SIGINT or SIGTERM. */
export async function serveUntilStopped(
  { output, root }: CommandContext,
  engine: Engine,
  port: number | null,
): Promise<void> {
  const serving = await serve({ engine, renderer: findPrograms(root).renderer, port });
  const link = serving.link();
  const opened = openBrowser(link);
  output.result(
    { url: link, attachUrl: serving.attachUrl, port: serving.port },
    `${opened ? 'Muster is open in your browser. If not, open' : 'Open Muster in a browser on this machine'}: ${link}\nThe link works once; press Enter for another, Ctrl+C to stop.`,
  );
  const reader = process.stdin.isTTY ? createInterface({ input: process.stdin }) : null;
  reader?.on('line', () => output.line(serving.link()));
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  reader?.close();
  await serving.close();
}
