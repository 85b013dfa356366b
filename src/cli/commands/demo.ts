/** `muster demo`: virtual devices with a site of their own, in the browser or, headless, as one proof of the main job. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headlessDemo } from '../headless-demo.ts';
import type { CommandContext } from '../main.ts';
import { withEngine } from '../with-engine.ts';
import { serveUntilStopped } from './serve.ts';

export interface DemoOptions {
  devices: number;
  headless?: boolean;
  seconds: number;
  port?: number;
}

/** A fresh folder for a demo's site: virtual devices do not belong among the real ones. */
export function demoSite(): string {
  return join(mkdtempSync(join(tmpdir(), 'muster-')), 'demo');
}

/** Plays with `devices` virtual devices. Headless: exit code 1 unless every device, reading and row is accounted for. */
export function demo(context: CommandContext, options: DemoOptions): Promise<void> {
  const site = context.site ?? demoSite();
  return withEngine({ ...context, site }, { watch: true }, async (engine) => {
    if (!options.headless) {
      await engine.handlers['demo.start']({ devices: options.devices });
      return serveUntilStopped(context, engine, options.port ?? null);
    }
    const { output } = context;
    const result = await headlessDemo(engine, {
      devices: options.devices,
      seconds: options.seconds,
      csv: join(site, 'readings.csv'),
      progress: output.progress,
    });
    const { devices, discovered, installed, readings, csvRows, gaps, duplicates } = result;
    const good =
      discovered === devices &&
      installed === devices &&
      readings > 0 &&
      gaps === 0 &&
      duplicates === 0 &&
      csvRows === readings;
    if (!good) process.exitCode = 1;
    output.result(
      result,
      `${installed} of ${devices} devices installed, ${readings} readings, ${gaps} gaps, ${duplicates} duplicates, ${csvRows} rows in ${result.csv}`,
    );
  });
}
