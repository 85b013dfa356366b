/**
 * Firmware as a shell sees it: files, signing keys, and campaigns, each one push to many devices.
 * The part of the engine contract that is about them.
 */
import * as z from 'zod';
import { firmwareStateSchema, keyIdSchema, publicKeySchema } from './firmware.ts';
import type { Contract } from './peer.ts';
import { wireErrorSchema } from './wire-error.ts';

const text = z.string().max(400);
const deviceId = z.string().min(1).max(120);
const epochMs = z.number();
/** Files in one campaign. */
const MOST_FILES = 8;
const path = z.string().min(1).max(4096);
const paths = z.array(path).min(1).max(MOST_FILES);

/** A firmware file in short, for a person: our own bundle or a Nerves `.fw`. */
export const firmwareFileSchema = z.object({
  path: text,
  kind: z.enum(['muster', 'nerves']),
  product: text,
  version: text,
  /** Node's names for a bundle (`arm64`, `x64`), the file's own word for a Nerves one. */
  architectures: z.array(text),
  /** Nerves' platform (`rpi4`); null for a bundle. */
  platform: text.nullable(),
  /** Sha256 of a bundle's manifest, UUID of a Nerves firmware: what a device tells of what it runs. */
  identity: text,
  /** Node version of a bundle's daemon and whether it travels along. */
  runtime: z.object({ version: text, carried: z.boolean() }).nullable(),
  bytes: z.number(),
  /** Signatures on it. `name`: of a key this laptop knows; `good`: null when the key is not known here. */
  signatures: z.array(z.object({ key: text, name: text.nullable(), good: z.boolean().nullable() })),
});
export type FirmwareFile = z.infer<typeof firmwareFileSchema>;

/** Where one device of a campaign is. The last six are ends. */
export const campaignStageSchema = z.enum([
  'waiting', // for its turn
  'offline', // queued until it is seen
  'checking', // connected, offered, nothing changed
  'sending',
  'installing', // verified and placed on the device, restarting
  'trial', // back, proving itself
  'confirmed', // runs the new version, healthy
  'current', // ran it already: nothing to do
  'rolled-back', // tried, runs its old version again
  'failed', // runs its old version, never restarted
  'unknown', // not seen again after the restart
  'cancelled',
]);
export type CampaignStage = z.infer<typeof campaignStageSchema>;

export const campaignRowSchema = z.object({
  device: deviceId,
  name: text,
  stage: campaignStageSchema,
  /** Place in the campaign's `files` of the one for this device, null before its turn and when none is. */
  file: z
    .number()
    .int()
    .min(0)
    .max(MOST_FILES - 1)
    .nullable(),
  /** Version before, null until it was asked. */
  from: text.nullable(),
  sent: z.number(),
  /** Bytes to send, null until the device said what it lacks. */
  total: z.number().nullable(),
  /** Bytes a second, while sending. */
  rate: z.number().nullable(),
  /** Seconds until the end of what it does now, null when nobody can know. */
  secondsLeft: z.number().nullable(),
  /** What it waits for or did, in words: a gate of the trial, the way back. */
  detail: text.nullable(),
  /** Whether the device goes back by itself when the new version is bad. */
  rollsBack: z.enum(['yes', 'no', 'unknown']),
  error: wireErrorSchema.nullable(),
});
export type CampaignRow = z.infer<typeof campaignRowSchema>;

/** One push to many devices: `canary` of them first, then at most `cap` at a time, until `maxFailures` failed. */
export const campaignSchema = z.object({
  id: z.string().max(60),
  /** What is pushed: each device gets the first of its kind. */
  files: z.array(firmwareFileSchema).min(1).max(MOST_FILES),
  state: z.enum(['running', 'done', 'stopped', 'cancelled']),
  /** Why it was stopped, in words. */
  reason: text.nullable(),
  startedAt: epochMs,
  endedAt: epochMs.nullable(),
  canary: z.number().int(),
  cap: z.number().int(),
  maxFailures: z.number().int(),
  rows: z.array(campaignRowSchema).max(10_000),
});
export type Campaign = z.infer<typeof campaignSchema>;

/** A signing key of this laptop (`own`), or one of a colleague that it only knows. */
export const signingKeySchema = publicKeySchema.extend({ own: z.boolean() });
export type SigningKey = z.infer<typeof signingKeySchema>;

export const firmwareCalls = {
  /** Reads a firmware file. Throws FIRMWARE_INVALID {path, reason}. */
  'firmware.inspect': { input: z.object({ path }), output: firmwareFileSchema },
  /** What a device runs and could go back to. Throws UNSUPPORTED by an older daemon. */
  'firmware.state': { input: z.object({ device: deviceId }), output: firmwareStateSchema },
  /** Has a device restart into the version it ran before. Throws REFUSED {reason}. */
  'firmware.rollBack': { input: z.object({ device: deviceId }), output: z.object({ version: text }) },
  /** Signing keys on this laptop. */
  'firmware.keys': { input: z.object({}), output: z.object({ keys: z.array(signingKeySchema) }) },
  /** Has a device take bundles of a key that this laptop knows. Throws SIGNING_KEY_UNKNOWN, REFUSED. */
  'firmware.trust': { input: z.object({ device: deviceId, key: keyIdSchema }), output: z.object({}) },
  /** Has a device refuse a key for good. */
  'firmware.revoke': { input: z.object({ device: deviceId, key: keyIdSchema }), output: z.object({}) },
  /** What a campaign would do on each device, before it is started. */
  'campaign.preview': {
    input: z.object({ paths, devices: z.array(deviceId).max(10_000) }),
    output: z.object({
      files: z.array(firmwareFileSchema),
      rows: z.array(
        z.object({
          device: deviceId,
          name: text,
          verdict: z.enum(['update', 'downgrade', 'current', 'offline', 'refused']),
          from: text.nullable(),
          /** Place in `files` of the one for it, null when none is. */
          file: z.number().int().nullable(),
          /** Words for a refusal or a warning. */
          reason: text.nullable(),
        }),
      ),
    }),
  },
  /**
   * Starts one. `canary` devices go first and must be confirmed; then at most `cap` at a time; after `maxFailures`
   * nobody new is started. Devices that are offline wait until they are seen, as long as the campaign is not
   * cancelled, over restarts of the engine too. Throws FIRMWARE_INVALID, BAD_INPUT.
   */
  'campaign.start': {
    input: z.object({
      paths,
      devices: z.array(deviceId).min(1).max(10_000),
      canary: z.number().int().min(0).max(1000).default(1),
      cap: z.number().int().min(1).max(64).default(8),
      maxFailures: z.number().int().min(1).max(10_000).default(1),
    }),
    output: z.object({ campaign: z.string() }),
  },
  /** Starts nobody new; who is being sent to stops unharmed, who has restarted is seen to its end. */
  'campaign.cancel': { input: z.object({ campaign: z.string() }), output: z.object({}) },
  /** Tries the devices again that failed, were rolled back or not seen again. */
  'campaign.retry': { input: z.object({ campaign: z.string() }), output: z.object({}) },
  /** All campaigns, newest first. */
  'campaigns.snapshot': { input: z.object({}), output: z.object({ campaigns: z.array(campaignSchema) }) },
} satisfies Contract['calls'];

export const firmwareEvents = {
  /** A campaign that is new or changed, whole; at most a few times a second. */
  campaign: campaignSchema,
} satisfies Contract['events'];
