/**
 * The contract between an engine and a device's daemon, spoken over the unix socket /run/muster/muster.sock.
 * `hello` comes first; a protocol other than PROTOCOL is refused by name (PROTOCOL_MISMATCH).
 */
import * as z from 'zod';
import { channelInfoSchema, clockSourceSchema, cursorSchema, runInfoSchema } from './reading.ts';
import type { Contract } from './peer.ts';

/** Version of this contract. Raised when an older peer could misread a newer one. */
export const PROTOCOL = 1;

const text = z.string().max(200);

/** Who a device is. `id` is made once by its installation and never changes. */
export const deviceIdentitySchema = z.object({
  id: z.string().regex(/^[0-9a-f-]{36}$/),
  /** Board serial where the board has one, else the machine id. */
  serial: text,
  hostname: text,
  model: text,
  /** Node's name of the architecture: arm64, x64. */
  arch: text,
  /** PRETTY_NAME of os-release. */
  system: text,
});
export type DeviceIdentity = z.infer<typeof deviceIdentitySchema>;

/** One row of the supervision tree, parents before children. */
export const treeRowSchema = z.object({
  /** Path of child ids from the root, `muster/sensors/cpu`. */
  path: z.string().max(400),
  kind: z.enum(['supervisor', 'worker']),
  state: z.enum(['starting', 'running', 'restarting', 'stopping', 'stopped', 'gave-up']),
  /** Restarts so far in this run. */
  restarts: z.number().int().min(0),
  /** Restarts counted in the intensity window now. */
  restartsInWindow: z.number().int().min(0),
  /** Ms until the next attempt, null when none is due. */
  nextAttemptMs: z.number().nullable(),
  /** Last cause of an exit, in words, null when it never failed. */
  lastCause: z.string().max(500).nullable(),
});
export type TreeRow = z.infer<typeof treeRowSchema>;

/** How a sensor does now. */
export const sensorStateSchema = z.object({
  sensor: text,
  name: text,
  driver: text,
  bus: text,
  state: z.enum(['ok', 'failing', 'stopped']),
  lastError: z.string().max(500).nullable(),
});
export type SensorState = z.infer<typeof sensorStateSchema>;

/** Health of the daemon itself. */
export const deviceStatusSchema = z.object({
  uptimeS: z.number(),
  daemonVersion: text,
  nodeVersion: text,
  sensors: z.array(sensorStateSchema).max(100_000),
  readingsPerS: z.number(),
  journal: z.object({
    batches: z.number(),
    bytes: z.number(),
    maxBytes: z.number(),
    bytesPerDay: z.number(),
    trimmedBatches: z.number(),
  }),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
  memoryBytes: z.number(),
  clock: clockSourceSchema,
});
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

/** A batch on the wire: bytes as the journal holds them (batch.ts layout, zstd-packed when that is smaller). */
export const wireBatchSchema = z.object({
  run: z.number().int().min(1),
  batch: z.number().int().min(1),
  data: z.instanceof(Uint8Array),
});
export type WireBatch = z.infer<typeof wireBatchSchema>;

export const deviceContract = {
  calls: {
    /** Opens the talk. Throws PROTOCOL_MISMATCH {expected, actual} when `protocol` differs. */
    hello: {
      input: z.object({ protocol: z.number().int(), client: text, clientVersion: text }),
      output: z.object({
        protocol: z.number().int(),
        daemonVersion: text,
        device: deviceIdentitySchema,
        run: z.number().int().min(1),
        bootId: text,
        /** Monotonic ms of this run at the answer. */
        monotonicMs: z.number(),
        wallMs: z.number(),
        clock: clockSourceSchema,
      }),
    },
    /** Runs from number `from` on, oldest first, with their channels. */
    runs: {
      input: z.object({ from: z.number().int().min(1) }),
      output: z.object({ runs: z.array(runInfoSchema).max(100_000) }),
    },
    /** Channels of one run from index `from` on. */
    channels: {
      input: z.object({ run: z.number().int().min(1), from: z.number().int().min(0) }),
      output: z.object({ channels: z.array(channelInfoSchema).max(100_000) }),
    },
    /**
     * Batches after a cursor, oldest first, at most `maxBytes` of them (always at least one when there is one).
     * Waits up to `waitMs` for the first. `after` null: from the oldest kept. One outstanding pull is one credit.
     * `trimmedTo`: all up to here was dropped by the journal's bounds although `after` had not reached it.
     */
    pull: {
      input: z.object({
        after: cursorSchema.nullable(),
        maxBytes: z.number().int().min(1).max(8_388_608),
        waitMs: z.number().int().min(0).max(30_000),
      }),
      output: z.object({
        batches: z.array(wireBatchSchema).max(100_000),
        trimmedTo: cursorSchema.nullable(),
        /** Last batch the journal holds. */
        head: cursorSchema.nullable(),
      }),
    },
    status: { input: z.object({}), output: deviceStatusSchema },
    tree: { input: z.object({}), output: z.object({ rows: z.array(treeRowSchema).max(200_000) }) },
  },
  events: {},
} satisfies Contract;

export type DeviceContract = typeof deviceContract;
