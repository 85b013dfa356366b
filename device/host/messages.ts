/**
 * What crosses the border between the root and a host. A message begins with one byte that says its kind.
 * Readings are a batch (src/shared/batch.ts) with the host's own channel numbers; everything rare is JSON.
 */
import type { SensorState, TreeRow } from '../../src/shared/device-contract.ts';
import type { BusLook } from '../../src/shared/device-scan-calls.ts';
import { MusterError, type WireError } from '../../src/shared/errors.ts';
import type { LogLevel } from '../../src/shared/log.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';
import type { BranchDeed } from '../administration/branch.ts';
import type { BusConfig } from '../bus/bus-config.ts';
import type { SensorConfig } from '../config.ts';

/** What a host is to run. */
export interface HostPlan {
  /** Path of the host in the tree: `muster/sensors/i2c-1`. */
  path: string;
  /** Folder that stands for the machine's root. */
  prefix: string;
  /** The shared cell names a sensor by its place in this list, counted from 1. */
  sensors: SensorConfig[];
  buses: BusConfig[];
  /** Folder of the firmware's own drivers. */
  drivers: string;
  /** Ids of sensors that are not started. */
  leftOut: string[];
  /** Within how many ms the first readings come. */
  spreadMs: number;
  beatMs: number;
  /** What it may take, bytes; it looks in time which sensor takes it. */
  memoryBytes: number;
}

/** From the root to a host. */
export type Order =
  | { order: 'begin'; plan: HostPlan }
  | { order: 'administer'; id: number; path: string; deed: BranchDeed }
  /** Looks who answers on one of its buses. */
  | { order: 'look'; id: number; bus: string }
  | { order: 'stop' };

/** From a host to the root. Readings use a channel only after its `channels` word. */
export type Word =
  | { word: 'ready' }
  | { word: 'channels'; channels: ChannelInfo[] }
  | { word: 'state'; state: SensorState }
  /** Rows below the host that changed, by their place among all `count`. */
  | { word: 'rows'; count: number; rows: [number, TreeRow][] }
  | { word: 'log'; level: LogLevel; message: string; fields: Record<string, unknown> | null }
  | { word: 'done'; id: number; error: WireError | null }
  | { word: 'seen'; id: number; look: BusLook };

/** A sign of life. */
export interface Beat {
  /** Memory of the host, bytes: resident for a process, heap and buffers for a thread. */
  memoryBytes: number;
  /** Processor time used so far, ms. */
  cpuMs: number;
  /** Number of the sensor that memory grew most under since the host looks; 0: none, or it does not look. */
  topSensor: number;
  /** How much under that sensor, and under all, bytes. */
  topBytes: number;
  grownBytes: number;
}

const KIND = { beat: 1, readings: 2, word: 3 } as const;
const BEAT_FIELDS = ['memoryBytes', 'cpuMs', 'topSensor', 'topBytes', 'grownBytes'] as const;

export type FromHost =
  | { kind: 'beat'; beat: Beat }
  | { kind: 'readings'; batch: Uint8Array }
  | { kind: 'word'; word: Word };

export function beatMessage(beat: Beat): Uint8Array {
  const bytes = new Uint8Array(1 + BEAT_FIELDS.length * 8);
  const view = new DataView(bytes.buffer);
  bytes[0] = KIND.beat;
  BEAT_FIELDS.forEach((field, i) => view.setFloat64(1 + i * 8, beat[field], true));
  return bytes;
}

/** `batch`: encoded by encodeBatch. */
export function readingsMessage(batch: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + batch.length);
  bytes[0] = KIND.readings;
  bytes.set(batch, 1);
  return bytes;
}

export function wordMessage(word: Word): Uint8Array {
  const text = Buffer.from(JSON.stringify(word));
  const bytes = new Uint8Array(1 + text.length);
  bytes[0] = KIND.word;
  bytes.set(text, 1);
  return bytes;
}

export function orderMessage(order: Order): Uint8Array {
  return Buffer.from(JSON.stringify(order));
}

/** What a host said. Throws BAD_FRAME: a driver that writes into the pipe must not get anything past the root. */
export function fromHost(bytes: Uint8Array): FromHost {
  const body = bytes.subarray(1);
  switch (bytes[0]) {
    case KIND.beat:
      return { kind: 'beat', beat: readBeat(body) };
    case KIND.readings:
      return { kind: 'readings', batch: body };
    case KIND.word:
      return { kind: 'word', word: readJson(body, 'word') as Word };
    default:
      throw new MusterError('BAD_FRAME', `a host sent a message of kind ${bytes[0]}`);
  }
}

export function fromRoot(bytes: Uint8Array): Order {
  return readJson(bytes, 'order') as Order;
}

function readBeat(body: Uint8Array): Beat {
  if (body.length !== BEAT_FIELDS.length * 8) throw new MusterError('BAD_FRAME', 'a beat of a wrong length');
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const [memoryBytes, cpuMs, topSensor, topBytes, grownBytes] = BEAT_FIELDS.map((_, i) =>
    view.getFloat64(i * 8, true),
  ) as [number, number, number, number, number];
  return { memoryBytes, cpuMs, topSensor, topBytes, grownBytes };
}

function readJson(bytes: Uint8Array, field: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    if (typeof value === 'object' && value !== null && field in value) return value;
  } catch (cause) {
    throw new MusterError('BAD_FRAME', `no JSON between root and host`, {}, cause);
  }
  throw new MusterError('BAD_FRAME', `a message between root and host without "${field}"`);
}
