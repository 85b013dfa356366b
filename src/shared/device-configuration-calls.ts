/** The part of the device contract that is about its configuration: one document, tried before it is kept. */
import * as z from 'zod';
import type { Contract } from './peer.ts';

/** Longest document, characters; the daemon reads more, a call does not carry it. */
export const MAX_CONFIGURATION_CHARS = 4_000_000;

const document = z.string().max(MAX_CONFIGURATION_CHARS);
/** Sha256 of a document's bytes, hex. */
export const configurationHashSchema = z.string().regex(/^[0-9a-f]{64}$/);
const person = z.string().min(1).max(200);
const confirmWithinMs = z.number().int().min(1000).max(3_600_000);

/** What is wrong with a document, and where. `path` is empty for the document as a whole. */
export const configurationProblemSchema = z.object({
  line: z.number().int().min(1).nullable(),
  path: z.string().max(1000),
  message: z.string().max(2000),
});
export type ConfigurationProblem = z.infer<typeof configurationProblemSchema>;

export const configurationVersionSchema = z.object({
  hash: configurationHashSchema,
  /** Epoch ms by the device's clock. */
  at: z.number(),
  /** Who brought it; null for one that was found on the device, written by a hand or an installer. */
  by: z.string().max(200).nullable(),
  outcome: z.enum(['found', 'applied', 'taken-back']),
  /** Why it was taken back. */
  why: z.string().max(500).nullable(),
});
export type ConfigurationVersion = z.infer<typeof configurationVersionSchema>;

export const configurationStateSchema = z.object({
  /** As it stands on the device; empty where there is none, which means the defaults. */
  text: z.string(),
  hash: configurationHashSchema,
  /** True when sensors and buses are those of the firmware, whatever this document says of them. */
  byFirmware: z.boolean(),
  /** The document that nobody has confirmed yet. `running` false: ordered, the restart is to come. */
  trial: z
    .object({
      hash: configurationHashSchema,
      before: configurationHashSchema,
      by: person,
      running: z.boolean(),
      leftMs: z.number(),
      /** What it shows so far; null before it runs, left out by older daemons. */
      shows: z
        .object({
          /** The first demand on what worked before, in words, that is not met (yet); null when all are. */
          unmet: z.string().max(500).nullable(),
          /** What it names that did not work before, and does not now. `why` null: not heard of yet. */
          silent: z
            .array(
              z.object({
                kind: z.enum(['sensor', 'output']),
                id: z.string().max(200),
                why: z.string().max(500).nullable(),
              }),
            )
            .max(100),
        })
        .nullable()
        .optional(),
    })
    .nullable(),
  /** Oldest first. */
  history: z.array(configurationVersionSchema).max(100),
});
export type ConfigurationState = z.infer<typeof configurationStateSchema>;

export const deviceConfigurationCalls = {
  configuration: { input: z.object({}), output: configurationStateSchema },
  /** The text of a version that is kept. Throws REFUSED {reason}. */
  configurationText: {
    input: z.object({ hash: configurationHashSchema }),
    output: z.object({ text: z.string() }),
  },
  /** JSON schema of the document, as this daemon reads it. */
  configurationSchema: { input: z.object({}), output: z.object({ schema: z.string() }) },
  /** What is wrong with a document: also drivers, buses and outputs that it names and that are not there. */
  checkConfiguration: {
    input: z.object({ text: document }),
    output: z.object({ problems: z.array(configurationProblemSchema).max(1000) }),
  },
  /**
   * Puts a document in the place of the one with hash `base` and restarts into it on trial: unless it is confirmed
   * in time the one before comes back, also after a crash or a power cut. Answers before the restart.
   * Throws REFUSED {reason} when `base` is not the present one, CONFIG_INVALID, DEVICE_BUSY {reason} while a
   * configuration or firmware is on trial or on its way, UNSUPPORTED where the daemon cannot restart itself.
   */
  tryConfiguration: {
    input: z.object({ text: document, base: configurationHashSchema, by: person, confirmWithinMs }),
    output: z.object({ hash: configurationHashSchema }),
  },
  /** Keeps the document on trial. Throws REFUSED {reason} when that is not the one on trial. */
  confirmConfiguration: { input: z.object({ hash: configurationHashSchema }), output: z.object({}) },
  /**
   * As tryConfiguration, with a version that is kept; with the one before the trial, the trial ends at once. Throws
   * as that does, REFUSED {reason} for a version that is not kept. `why`: for the history, where a trial ends.
   */
  revertConfiguration: {
    input: z.object({
      to: configurationHashSchema,
      by: person,
      confirmWithinMs,
      why: z.string().max(400).optional(),
    }),
    output: z.object({}),
  },
} satisfies Contract['calls'];
