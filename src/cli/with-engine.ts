/** Starts the engine for one command and stops it whatever happens. */
import { startEngine } from '../core/start-engine.ts';
import type { Engine } from '../core/engine.ts';
import type { CommandContext } from './main.ts';

/**
 * Runs `work` with an engine on the command's site. `watch`: also look for devices and link to those of the site.
 * `campaigns`: go on with pushes that were left; a short command leaves them to a window or a server. `quiet`: devices
 * are meant to come and go.
 */
export async function withEngine<T>(
  { root, site }: CommandContext,
  options: { watch: boolean; campaigns?: boolean; quiet?: boolean },
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await startEngine({ root, site, campaigns: false, ...options });
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
