/**
 * The contract between a shell (window, browser, command line) and the engine.
 * Events carry whole rows. A listener subscribes first, then asks for the snapshot: nothing falls between.
 */
import * as z from 'zod';
import { firmwareCalls, firmwareEvents } from './campaign.ts';
import { deviceContract, deviceStatusSchema, treeRowSchema } from './device-contract.ts';
import { fingerprintSchema, loginSchema } from './login.ts';
import { nervesCalls } from './nerves.ts';
import { configurationCalls } from './configuration-calls.ts';
import { outputCalls } from './output-calls.ts';
import { publisherCalls } from './publisher-calls.ts';
import { scanCalls } from './scan-calls.ts';
import { channelInfoSchema, clockSourceSchema } from './reading.ts';
import type { Contract } from './peer.ts';
import { wireErrorSchema } from './wire-error.ts';

const text = z.string().max(400);
const deviceId = z.string().min(1).max(120);
const epochMs = z.number();
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** One way a device was or can be reached. */
export const deviceAddressSchema = z.object({
  host: text,
  port: z.number().int().min(1).max(65535),
  /** How the engine knows: announced on a network, typed by a person, or remembered from before. */
  via: z.enum(['mdns', 'typed', 'remembered']),
  /** Network interface it was heard on, null unless `via` is mdns. */
  interface: z.string().max(40).nullable(),
  lastSeen: epochMs,
});
export type DeviceAddress = z.infer<typeof deviceAddressSchema>;

/** State of the engine's connection to a device's daemon. */
export const linkStateSchema = z.object({
  state: z.enum(['off', 'connecting', 'catching-up', 'live', 'waiting', 'refused']),
  since: epochMs,
  /** When the next attempt is due, while `waiting`. */
  nextAttemptAt: epochMs.nullable(),
  /** Batches still to fetch, while `catching-up`. */
  behind: z.number().nullable(),
  reconnects: z.number().int(),
  error: wireErrorSchema.nullable(),
});
export type LinkState = z.infer<typeof linkStateSchema>;

export type Fingerprint = z.infer<typeof fingerprintSchema>;

/** All the engine knows about one device. `id` is the daemon's own once known, a temporary one before. */
export const deviceRecordSchema = z.object({
  id: deviceId,
  name: text,
  hostname: text.nullable(),
  kind: z.enum(['muster', 'nerves', 'ssh']),
  /** `nearby`: announced or answered lately. `offline`: a probe or the link failed. `unknown`: not tried yet. */
  presence: z.enum(['nearby', 'offline', 'unknown']),
  addresses: z.array(deviceAddressSchema),
  lastSeen: epochMs.nullable(),
  /** True when this laptop has installed the daemon there, or trusts it. */
  mine: z.boolean(),
  installed: z.boolean(),
  daemonVersion: text.nullable(),
  model: text.nullable(),
  system: text.nullable(),
  arch: text.nullable(),
  serial: text.nullable(),
  user: text.nullable(),
  hostKey: fingerprintSchema.extend({ trustedAt: epochMs }).nullable(),
  link: linkStateSchema,
  clock: clockSourceSchema.nullable(),
  /** When this engine last set the device's time; null when it did not. */
  clockSetAt: epochMs.nullable().optional(),
  sensors: z.object({ ok: z.number().int(), total: z.number().int() }).nullable(),
  /** Time of the newest reading in the archive. */
  newest: epochMs.nullable(),
  /** True for a device of the demo fleet. */
  demo: z.boolean(),
});
export type DeviceRecord = z.infer<typeof deviceRecordSchema>;

/** A channel as the archive knows it, over all runs. */
export const channelSchema = channelInfoSchema.omit({ index: true }).extend({
  id: z.number().int(),
  device: deviceId,
  /** Newest reading, null before the first. */
  last: z.object({ at: epochMs, value: z.number(), quality: z.number().int() }).nullable(),
});
export type Channel = z.infer<typeof channelSchema>;

export const stepSchema = z.object({
  id: z.string().max(60),
  title: text,
  detail: text.nullable(),
  state: z.enum(['waiting', 'running', 'done', 'skipped', 'failed']),
  done: z.number().nullable(),
  total: z.number().nullable(),
  /** Bytes (or rows) a second, while running. */
  rate: z.number().nullable(),
});
export type Step = z.infer<typeof stepSchema>;

/** Long work: shown with progress, can be cancelled. */
export const jobSchema = z.object({
  id: z.string().max(60),
  kind: z.enum(['install', 'uninstall', 'export', 'demo', 'configure']),
  title: text,
  device: deviceId.nullable(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  startedAt: epochMs,
  endedAt: epochMs.nullable(),
  steps: z.array(stepSchema),
  error: wireErrorSchema.nullable(),
  /** Facts about the outcome: `path`, `rows`, `bytes` of an export, `device` of an install. */
  result: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export type Login = z.infer<typeof loginSchema>;

/** What was found on a device before anything is changed. */
export const factsSchema = z.object({
  hostname: text,
  model: text,
  system: text,
  arch: text,
  kernel: text,
  user: text,
  init: z.enum(['systemd', 'script']),
  privileged: z.enum(['root', 'sudo', 'sudo-password', 'none']),
  freeBytes: z.number(),
  installedVersion: text.nullable(),
  avahi: z.boolean(),
  i2c: z.boolean(),
});
export type Facts = z.infer<typeof factsSchema>;

/** What the installer would do, in order. */
export const planSchema = z.object({
  steps: z.array(z.object({ id: z.string().max(60), title: text, detail: text })),
  /** Bytes that go over the wire. */
  uploadBytes: z.number(),
  needsSudoPassword: z.boolean(),
  /** False when the same version is there and healthy: the plan is empty. */
  changes: z.boolean(),
});
export type Plan = z.infer<typeof planSchema>;

const series = z.object({
  channel: z.number().int(),
  /** Float64Array bytes, little-endian: epoch ms of each point or bucket. */
  t: bytes,
  /** Float64Array bytes: smallest value of the bucket. NaN: no value here (a gap border or a missing reading). */
  lo: bytes,
  /** Float64Array bytes: largest value of the bucket. */
  hi: bytes,
  /** Uint8Array: worst quality byte of the bucket. */
  q: bytes,
  /** Readings behind the points. */
  count: z.number(),
});

/** A stretch without readings, and why. */
export const gapSchema = z.object({
  channel: z.number().int(),
  from: epochMs,
  to: epochMs,
  /** `unreadable`: the readings are in the archive, and their bytes rotted on this computer's disk. */
  reason: z.enum(['device-off', 'sensor-failed', 'journal-trimmed', 'not-fetched', 'unreadable', 'unknown']),
});
export type Gap = z.infer<typeof gapSchema>;

/**
 * A stretch of a device's readings and where their times come from. `overlaps`: two runs lie over each other here,
 * so at least one of them has a wrong time, and the order between their readings is not known.
 */
export const spanSchema = z.object({
  device: deviceId,
  from: epochMs,
  to: epochMs,
  clock: clockSourceSchema,
  overlaps: z.boolean(),
});
export type Span = z.infer<typeof spanSchema>;

const exportChoice = z.object({
  /** Empty: all devices of the site. */
  devices: z.array(deviceId).max(10_000),
  /** Empty: all channels of those devices. */
  channels: z.array(z.number().int()).max(100_000),
  from: epochMs.nullable(),
  to: epochMs.nullable(),
});

export const engineContract = {
  calls: {
    'engine.info': {
      input: z.object({}),
      output: z.object({
        version: text,
        site: text,
        sitePath: text,
        platform: text,
        protocol: z.number(),
        timeZone: text,
        /** Who is at this laptop, as devices write it down: `kim@laptop`. */
        person: text,
        /** True when this laptop offers its time to devices whose clock nobody has set. */
        offersTime: z.boolean(),
        /** Where a damaged archive was moved when this engine opened the site; null when all was well. */
        archiveSetAside: z.string().max(4096).nullable(),
      }),
    },
    /** Keeps whether time is offered, from each device's next connection on. Throws REFUSED {reason} where fixed. */
    'engine.offerTime': { input: z.object({ offer: z.boolean() }), output: z.object({}) },
    'fleet.snapshot': { input: z.object({}), output: z.object({ devices: z.array(deviceRecordSchema) }) },
    /** Adds a typed address and probes it. Throws HOST_UNKNOWN, HOST_UNREACHABLE, PORT_CLOSED, NOT_SSH. */
    'fleet.addAddress': {
      input: z.object({ host: z.string().min(1).max(253), port: z.number().int().min(1).max(65535) }),
      output: z.object({ device: deviceId }),
    },
    /** Forgets a device, its trust and its address; readings stay. */
    'fleet.forget': { input: z.object({ device: deviceId }), output: z.object({}) },
    /** Looks again now: sends fresh queries and probes known addresses. */
    'fleet.refresh': { input: z.object({}), output: z.object({}) },
    /** Which networks are searched, and one sentence of advice when nothing is found. */
    'discovery.status': {
      input: z.object({}),
      output: z.object({
        interfaces: z.array(
          z.object({ name: text, address: text, searching: z.boolean(), note: text.nullable() }),
        ),
        advice: text,
      }),
    },
    /**
     * Connects to a device and looks, changing nothing. `trust` is the sha256 fingerprint the person confirmed.
     * Answers `confirm-key` before anything is sent when the key is new and not in `trust`.
     * Throws HOST_KEY_CHANGED, AUTH_FAILED, AUTH_NEEDED, ARCH_UNSUPPORTED, SFTP_UNAVAILABLE …
     */
    'install.inspect': {
      input: z.object({ device: deviceId, login: loginSchema, trust: z.string().max(60).nullable() }),
      output: z.discriminatedUnion('step', [
        z.object({ step: z.literal('confirm-key'), fingerprint: fingerprintSchema }),
        z.object({
          step: z.literal('ready'),
          session: z.string().max(60),
          fingerprint: fingerprintSchema,
          facts: factsSchema,
          plan: planSchema,
        }),
      ]),
    },
    /** Carries out the plan of an inspected session. */
    'install.start': {
      input: z.object({ session: z.string().max(60), sudoPassword: z.string().max(1024).nullable() }),
      output: z.object({ job: z.string() }),
    },
    /** Undoes an installation by its undo list. `keepData` leaves the journal on the device. */
    'uninstall.start': {
      input: z.object({
        device: deviceId,
        /** To log in with where this laptop's key is not accepted (any more); used once. */
        password: z.string().max(1024).optional(),
        sudoPassword: z.string().max(1024).nullable(),
        keepData: z.boolean(),
      }),
      output: z.object({ job: z.string() }),
    },
    /** Trusts a changed host key after a person compared it. */
    'trust.replace': {
      input: z.object({ device: deviceId, sha256: z.string().max(60) }),
      output: z.object({}),
    },
    'jobs.snapshot': { input: z.object({}), output: z.object({ jobs: z.array(jobSchema) }) },
    'jobs.cancel': { input: z.object({ job: z.string() }), output: z.object({}) },
    'device.status': { input: z.object({ device: deviceId }), output: deviceStatusSchema },
    'device.tree': {
      input: z.object({ device: deviceId }),
      output: z.object({ rows: z.array(treeRowSchema) }),
    },
    /** Restarts a branch of a device's tree. Throws REFUSED {reason}; UNSUPPORTED by an older daemon. */
    'device.restartBranch': {
      input: z.object({ device: deviceId, path: text }),
      output: z.object({}),
    },
    /** Takes a sensor out until it is put back. Throws as restartBranch does, as do the next two. */
    'device.takeOut': { input: z.object({ device: deviceId, sensor: text }), output: z.object({}) },
    'device.putBack': { input: z.object({ device: deviceId, sensor: text }), output: z.object({}) },
    /** Switches the drivers of a device in safe mode on again. */
    'device.leaveSafeMode': { input: z.object({ device: deviceId }), output: z.object({}) },
    /** What a device knows of wall time, and what changed it. */
    'device.clock': {
      input: z.object({ device: deviceId }),
      output: deviceContract.calls.clock.output,
    },
    /** Offers a device this laptop's time, as a person's wish. The answer says what came of it. */
    'device.setClock': {
      input: z.object({ device: deviceId }),
      output: deviceContract.calls.offerTime.output,
    },
    'channels.list': {
      input: z.object({ device: deviceId.nullable() }),
      output: z.object({ channels: z.array(channelSchema) }),
    },
    /** Columns for a chart: at most about 2 points a pixel and channel; min and max survive. */
    'series.query': {
      input: z.object({
        channels: z.array(z.number().int()).min(1).max(200),
        from: epochMs,
        to: epochMs,
        pixels: z.number().int().min(1).max(10_000),
      }),
      output: z.object({
        series: z.array(series),
        gaps: z.array(gapSchema),
        /** How far the times can be believed; neighbours closer than a pixel are one span. */
        spans: z.array(spanSchema).optional(),
      }),
    },
    /**
     * Readings of a device as they come: waits up to `waitMs` for something after `after` (a serial number of
     * an earlier answer; null: only what comes from now on). `reset`: the reader fell too far behind, query anew.
     */
    'series.pull': {
      input: z.object({
        device: deviceId,
        after: z.number().int().nullable(),
        waitMs: z.number().int().min(0).max(30_000),
      }),
      output: z.object({
        serial: z.number().int(),
        reset: z.boolean(),
        /** Uint32Array bytes of channel ids, Float64Array bytes of epoch ms and values, quality bytes; one row a reading. */
        channel: bytes,
        t: bytes,
        value: bytes,
        quality: bytes,
      }),
    },
    /** Range, size and first lines of what would be written. */
    'export.preview': {
      input: exportChoice,
      output: z.object({
        rows: z.number(),
        bytes: z.number(),
        from: epochMs.nullable(),
        to: epochMs.nullable(),
        lines: z.array(z.string()).max(10),
        suggestedPath: z.string(),
      }),
    },
    /** Writes the file. Throws EXPORT_PATH_UNWRITABLE, EXPORT_EMPTY. */
    'export.start': {
      input: exportChoice.extend({ out: z.string().min(1).max(4096) }),
      output: z.object({ job: z.string() }),
    },
    'demo.status': {
      input: z.object({}),
      output: z.object({
        running: z.boolean(),
        devices: z.number().int(),
        /** Login of the virtual devices, to be filled in for the person. Null while not running. */
        login: z.object({ user: z.string(), password: z.string() }).nullable(),
      }),
    },
    'demo.start': {
      input: z.object({ devices: z.number().int().min(1).max(50) }),
      output: z.object({}),
    },
    'demo.stop': { input: z.object({}), output: z.object({}) },
    ...firmwareCalls,
    ...nervesCalls,
    ...outputCalls,
    ...configurationCalls,
    ...scanCalls,
    ...publisherCalls,
  },
  events: {
    /** A device row that is new or changed, whole. */
    device: deviceRecordSchema,
    /** A device that is gone from the list. */
    deviceGone: z.object({ id: deviceId }),
    /** A temporary id became a lasting one: what pointed at `from` points at `to` now. */
    deviceRenamed: z.object({ from: deviceId, to: deviceId }),
    job: jobSchema,
    /** Wall times of readings that are in the archive changed: what was drawn of this device lies elsewhere now. */
    corrected: z.object({ device: deviceId }),
    /** A channel that is new or whose declaration changed. */
    channel: channelSchema,
    ...firmwareEvents,
  },
} satisfies Contract;

export type EngineContract = typeof engineContract;
