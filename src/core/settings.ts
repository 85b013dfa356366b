/**
 * What a person chose on this laptop, for all sites: one small file in the configuration folder.
 * Owns: that file, and what holds without it. A file that cannot be read counts as none, and is told in the log.
 * Called by the engine.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { MusterError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { writeWhole } from './whole-file.ts';

const settingsSchema = z.object({
  /** Offer this laptop's time to devices whose clock nobody has set. */
  offerTime: z.boolean().default(true),
});
type Chosen = z.infer<typeof settingsSchema>;

export interface Settings extends Readonly<Chosen> {
  /** Keeps a choice. Throws EXPORT_PATH_UNWRITABLE {path, reason}, REFUSED {reason}; then nothing has changed. */
  choose(changes: Partial<Chosen>): Promise<void>;
}

/** Reads `path`, which need not be there. `mayOfferTime` false: no choice makes this laptop offer its time. */
export function openSettings(path: string, log: Log, mayOfferTime = true): Settings {
  let chosen = read(path, log);
  return {
    get offerTime() {
      return mayOfferTime && chosen.offerTime;
    },
    async choose(changes) {
      if (changes.offerTime && !mayOfferTime)
        throw new MusterError('REFUSED', 'MUSTER_OFFER_TIME=no', {
          reason: 'Muster was started with MUSTER_OFFER_TIME=no on this laptop',
        });
      const next = { ...chosen, ...changes };
      await writeWhole(path, `${JSON.stringify(next, null, 2)}\n`, 0o600);
      chosen = next;
    },
  };
}

function read(path: string, log: Log): Chosen {
  try {
    if (existsSync(path)) return settingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (thrown) {
    log('warn', 'the settings cannot be read; the usual ones hold', {
      path,
      reason: (thrown as Error).message,
    });
  }
  return settingsSchema.parse({});
}
