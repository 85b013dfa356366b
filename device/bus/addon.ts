/**
 * Native code of the daemon. It lies beside the program, in `addons/` of its slot, and in the checkout in
 * `assets/addons/<arch>/`. Loaded when a bus first needs it, in hosts only.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MusterError } from '../../src/shared/errors.ts';
import { addonPath, type ADDONS } from '../../src/shared/firmware.ts';

/** In a slot the program is `muster-daemon.mjs`; in a checkout it is two folders deep, as source and as bundle. */
function placesOf(file: string): string[] {
  const places = [addonPath(file), `../../assets/addons/${process.arch}/${file}`];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
}

/** Loads `file`. Throws BUS_MISSING {bus, file} naming `bus` where it is not there or does not fit this runtime. */
export function loadAddon(file: (typeof ADDONS)[number], bus: string): unknown {
  const path = placesOf(file).find((place) => existsSync(place));
  const refuse = (why: string, cause?: unknown): MusterError =>
    new MusterError(
      'BUS_MISSING',
      `${bus}: ${why}; install Muster on the device again`,
      { bus, file },
      cause,
    );
  if (path === undefined) throw refuse(`there is no ${file} for ${process.arch} beside the daemon`);
  try {
    return createRequire(path)(path);
  } catch (cause) {
    const words = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw refuse(`${file} cannot be loaded: ${words.slice(0, 200)}`, cause);
  }
}
