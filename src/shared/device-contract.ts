/**
 * The contract between an engine and a device's daemon, spoken over the unix socket /run/muster/muster.sock.
 * `hello` comes first; a protocol other than PROTOCOL is refused by name (PROTOCOL_MISMATCH).
 */
import * as z from 'zod';
import { deviceFirmwareCalls } from './device-firmware-calls.ts';
import { deviceConfigurationCalls } from './device-configuration-calls.ts';
import { devicePublisherCalls } from './device-publisher-calls.ts';
import { deviceOutputCalls } from './device-output-calls.ts';
import { deviceScanCalls } from './device-scan-calls.ts';
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
  /** Id of the sensor that this row is; absent for all other rows. */
  sensor: text.optional(),
  /** True when a person has taken that sensor out. */
  takenOut: z.boolean().optional(),
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
  /** True when a person has taken it out: it stays stopped until it is put back. */
  takenOut: z.boolean().optional(),
});
export type SensorState = z.infer<typeof sensorStateSchema>;

/** The board's own watchdog, which restarts it when the system hangs. Older daemons do not tell. */
export const watchdogSchema = z.object({
  /** `unknown`: there is one, and the kernel does not say how it does. */
  state: z.enum(['armed', 'not-armed', 'none', 'unknown']),
  /** Seconds until it strikes; null when not known. */
  timeoutS: z.number().nullable(),
  identity: text.nullable(),
});
export type Watchdog = z.infer<typeof watchdogSchema>;

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
    /** Ms until there is enough to reckon `bytesPerDay` from; until then it is 0. Left out: it is reckoned already. */
    bytesPerDayInMs: z.number().optional(),
    trimmedBatches: z.number(),
    /** Who counted `bytesPerDay`: the kernel (write_bytes of proc(5)), or the journal its own batches. */
    bytesPerDayFrom: z.enum(['kernel', 'journal']).optional(),
    /** Batches found broken on the disk. */
    damagedBatches: z.number().optional(),
    /** Broken journals that were set aside: paths on the device, oldest first. */
    asides: z.array(z.string().max(1000)).max(20).optional(),
    /** Readings of this run that were dropped because the journal did not take them. */
    lostReadings: z.number().optional(),
    /** Bytes of readings that wait for the journal. */
    waitingBytes: z.number().optional(),
    /** A power cut now may lose the readings of so many ms. */
    mayLoseMs: z.number().optional(),
    /** The same while no laptop watches: readings are then saved less often, which spares the card. */
    mayLoseIdleMs: z.number().optional(),
    /** Why readings wait, null when they do not. */
    problem: z.string().max(500).nullable().optional(),
  }),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
  memoryBytes: z.number(),
  clock: clockSourceSchema,
  /** `safe`: the drivers are off because the daemon died again and again; `modeReason` says it in words. */
  mode: z.enum(['normal', 'safe']).default('normal'),
  modeReason: z.string().max(500).nullable().default(null),
  watchdog: watchdogSchema.default({ state: 'unknown', timeoutS: null, identity: null }),
});
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

/** What a run believes of wall time. Wall ms of a reading = `offsetMs` + its monotonic ms. */
export const clockBeliefSchema = z.object({ offsetMs: z.number(), clock: clockSourceSchema });
export type ClockBelief = z.infer<typeof clockBeliefSchema>;

/** One look at a clock: what it showed at a moment of the run's own clock. */
export const clockObservationSchema = z.object({
  run: z.number().int().min(1),
  monotonicMs: z.number(),
  wallMs: z.number(),
  source: clockSourceSchema,
  /** Name of the laptop, null for the device's own clock. */
  by: text.nullable(),
});
export type ClockObservation = z.infer<typeof clockObservationSchema>;

/** A change of what a run believes: never without one of these. */
export const clockEventSchema = z.object({
  run: z.number().int().min(1),
  /** When it happened, on the clock of the run that noticed it. */
  monotonicMs: z.number(),
  before: clockBeliefSchema,
  after: clockBeliefSchema,
  /** `system-clock`: the machine's clock was set; `time-service`: by NTP; `laptop`: one offered its time. */
  why: z.enum(['system-clock', 'time-service', 'laptop']),
});
export type ClockEvent = z.infer<typeof clockEventSchema>;

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
        clockChanges: z.number().int().min(0).optional(),
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
     * With `order: 'newest'` newest first, from the batch before `before` (null: from the head) back to `after`: a
     * caller goes on with the last one it got as `before`, and gets every batch once.
     */
    pull: {
      input: z.object({
        after: cursorSchema.nullable(),
        maxBytes: z.number().int().min(1).max(8_388_608),
        waitMs: z.number().int().min(0).max(30_000),
        order: z.enum(['oldest', 'newest']).optional(),
        before: cursorSchema.nullable().optional(),
      }),
      output: z.object({
        batches: z.array(wireBatchSchema).max(100_000),
        trimmedTo: cursorSchema.nullable(),
        /** Last batch the journal holds. */
        head: cursorSchema.nullable(),
        /** Counts changes of wall time in this run: when it grows, ask `runs` again. */
        clockChanges: z.number().int().min(0).optional(),
      }),
    },
    /**
     * A laptop offers its time: `wallMs` at the moment of sending, `roundTripMs` of a call just before. It is taken
     * when no time service has set the device's clock, and all runs of this boot are put right with it.
     * `movedMs`: by how much wall times of this run moved; negative when they went back.
     */
    offerTime: {
      input: z.object({
        wallMs: z.number(),
        roundTripMs: z.number().min(0).max(60_000),
        by: text.optional(),
      }),
      output: z.object({
        verdict: z.enum(['taken', 'agrees', 'has-better', 'implausible']),
        clock: clockSourceSchema,
        offsetMs: z.number(),
        movedMs: z.number(),
      }),
    },
    /** What the device knows of wall time: the latest observations and changes, oldest first. */
    clock: {
      input: z.object({}),
      output: z.object({
        run: z.number().int().min(1),
        monotonicMs: z.number(),
        believed: clockBeliefSchema,
        observations: z.array(clockObservationSchema).max(10_000),
        events: z.array(clockEventSchema).max(10_000),
      }),
    },
    status: { input: z.object({}), output: deviceStatusSchema },
    tree: { input: z.object({}), output: z.object({ rows: z.array(treeRowSchema).max(200_000) }) },
    /** Stops the child at `path` with all below it, and starts it again. Throws REFUSED {reason}. */
    restartBranch: { input: z.object({ path: z.string().max(400) }), output: z.object({}) },
    /** Stops a sensor until it is put back, over restarts too. Throws REFUSED {reason}. */
    takeOut: { input: z.object({ sensor: text }), output: z.object({}) },
    /** Starts a sensor again that was taken out. Throws REFUSED {reason}. */
    putBack: { input: z.object({ sensor: text }), output: z.object({}) },
    /** Switches the drivers on again. Throws REFUSED {reason} in normal mode. */
    leaveSafeMode: { input: z.object({}), output: z.object({}) },
    ...deviceFirmwareCalls,
    ...deviceOutputCalls,
    ...deviceConfigurationCalls,
    ...deviceScanCalls,
    ...devicePublisherCalls,
  },
  events: {},
} satisfies Contract;

export type DeviceContract = typeof deviceContract;
