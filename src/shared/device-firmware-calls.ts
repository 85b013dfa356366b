/** The part of the device contract that is about firmware: offer, send, install, go back, whom to trust. */
import * as z from 'zod';
import { firmwareStateSchema, keyIdSchema, publicKeySchema, signaturesSchema } from './firmware.ts';
import type { Contract } from './peer.ts';

const text = z.string().max(200);

export const deviceFirmwareCalls = {
  /** Slots, trial, the last outcome, trusted keys. */
  firmware: { input: z.object({}), output: firmwareStateSchema },
  /**
   * Offers a bundle: the manifest's bytes and their signatures. Checked before anything is stored; answers which
   * blobs are to be sent, and how much of each is here from an earlier try. Offering the same again is how a push
   * goes on after a cut. Throws FIRMWARE_INVALID, FIRMWARE_UNSIGNED, FIRMWARE_UNTRUSTED, FIRMWARE_REVOKED,
   * FIRMWARE_MISFIT (architecture, runtime, configuration), DISK_FULL, DEVICE_BUSY while another is on trial.
   */
  offerFirmware: {
    input: z.object({ manifest: z.instanceof(Uint8Array), signatures: signaturesSchema }),
    output: z.object({
      /** Sha256 of the manifest: the name of this offer. */
      manifest: z.string().length(64),
      missing: z
        .array(z.object({ sha256: z.string().length(64), packed: z.number().int(), have: z.number().int() }))
        .max(10_000),
      /** True when this very bundle runs already, confirmed. */
      running: z.boolean(),
      /** True when its version is older than the running one's. */
      downgrade: z.boolean(),
    }),
  },
  /**
   * Bytes of an offered blob as they lie in the bundle, from `offset` on, which must be what is here already:
   * else the answer says how much is, and the caller goes on there. The last bytes end with the blob checked and
   * kept, or with FIRMWARE_DAMAGED and nothing of it kept. Throws DISK_FULL, REFUSED for a blob nobody offered.
   */
  writeBlob: {
    input: z.object({
      sha256: z.string().length(64),
      offset: z.number().int().min(0),
      data: z.instanceof(Uint8Array),
    }),
    output: z.object({ have: z.number().int() }),
  },
  /**
   * Puts an offered bundle into the slot that does not run, all of it checked, and restarts into it on trial.
   * Answers before the restart. Throws FIRMWARE_DAMAGED, DISK_FULL, DEVICE_BUSY, REFUSED when blobs are missing.
   */
  installFirmware: { input: z.object({ manifest: z.string().length(64) }), output: z.object({}) },
  /** Restarts into the slot that ran before. Throws REFUSED {reason} when there is none. Answers before it. */
  rollBackFirmware: { input: z.object({}), output: z.object({ version: text }) },
  /** Takes bundles signed by this key from now on. Throws REFUSED for a revoked key. */
  trustKey: { input: z.object({ key: publicKeySchema }), output: z.object({}) },
  /** Never takes bundles of this key again, whether known or not. */
  revokeKey: { input: z.object({ key: keyIdSchema }), output: z.object({}) },
} satisfies Contract['calls'];
