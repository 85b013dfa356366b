/** Starts the engine for one command and stops it whatever happens. */
import { startEngine } from '../core/start-engine.ts';
import type { Engine } from '../core/engine.ts';
import type { CommandContext } from './main.ts';

/** Runs `work` with an engine on the command's site. `watch`: also look for devices and link to those of the site. */
export async function withEngine<T>(
  { root, site }: CommandContext,
  options: { watch: boolean },
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await startEngine({ root, site, watch: options.watch });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Waits `ms`, or less when the person presses Ctrl+C. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      process.off('SIGINT', done);
      process.off('SIGTERM', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
}
