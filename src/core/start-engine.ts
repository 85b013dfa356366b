/** Starts an engine as every shell does: the usual places, the real clock, the log on standard error. */
import { createEngine, type Engine } from './engine.ts';
import { lineLog } from './line-log.ts';
import { usualPlaces } from './places.ts';
import { findPrograms } from './programs.ts';
import { realClock } from './real-clock.ts';

/**
 * `root`: folder of the checkout or package. `site`: null for the usual one. `watch`: look for devices and link.
 * `campaigns`: go on with pushes that were left; as `watch` unless told. `quiet`: log errors only unless MUSTER_LOG says
 * more, for work during which devices are meant to come and go.
 */
export function startEngine(options: {
  root: string;
  site?: string | null;
  watch: boolean;
  campaigns?: boolean;
  quiet?: boolean;
}): Promise<Engine> {
  return createEngine({
    places: usualPlaces(options.site ?? null),
    programs: findPrograms(options.root),
    clock: realClock,
    log: lineLog(process.env['MUSTER_LOG'] ?? (options.quiet ? 'error' : 'warn'), (line) =>
      process.stderr.write(line),
    ),
    watch: options.watch,
    campaigns: options.campaigns ?? options.watch,
    agent: process.env['SSH_AUTH_SOCK'],
    mayOfferTime: process.env['MUSTER_OFFER_TIME'] !== 'no',
  });
}
