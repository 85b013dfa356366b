/** Devices that run Nerves, as a shell sees them: getting to know one. The part of the engine contract about them. */
import * as z from 'zod';
import { fingerprintSchema, loginSchema } from './login.ts';
import type { Contract } from './peer.ts';

const text = z.string().max(400).nullable();

/** What a device said of itself; null where it did not, or said something odd. */
export const nervesFactsSchema = z.object({
  product: text,
  version: text,
  /** UUID of the firmware that runs. */
  uuid: text,
  platform: text,
  architecture: text,
  serial: text,
  hostname: text,
  /** Version of Elixir. */
  elixir: text,
  /** Slot that runs and slot of the next start, `a` or `b`. */
  active: text,
  next: text,
  /** Whether what runs has proven itself. */
  validation: z.enum(['validated', 'unvalidated', 'unknown']),
  uptimeMs: z.number().nullable(),
  /** Whether it goes back by itself when an update does not come up. */
  rollback: z.enum(['yes', 'no', 'unknown']),
});
export type NervesFacts = z.infer<typeof nervesFactsSchema>;

export const nervesCalls = {
  /**
   * Connects to a device that runs Nerves and asks it what it is; with that it is one of this site, and firmware can be
   * pushed to it. `trust` is the sha256 fingerprint the person confirmed; `confirm-key` is answered before anything is
   * sent when the key is new and not in `trust`. `addKey`: the device is to let this laptop's own key in from now on.
   * Throws HOST_KEY_CHANGED, AUTH_FAILED, AUTH_NEEDED, UNSUPPORTED when it does not run Nerves, REFUSED …
   */
  'nerves.inspect': {
    input: z.object({
      device: z.string().min(1).max(120),
      login: loginSchema,
      trust: z.string().max(60).nullable(),
      addKey: z.boolean(),
    }),
    output: z.discriminatedUnion('step', [
      z.object({ step: z.literal('confirm-key'), fingerprint: fingerprintSchema }),
      z.object({
        step: z.literal('ready'),
        fingerprint: fingerprintSchema,
        facts: nervesFactsSchema,
        /** What let this laptop in; anything but `own key` or `agent` will not be there for a push. */
        loggedInBy: z.string().max(40),
      }),
    ]),
  },
} satisfies Contract['calls'];
