/** What crosses the border between the root and the process that holds the outputs: JSON, a message each. */
import { MusterError } from '../../src/shared/errors.ts';
import type { BusConfig } from '../bus/bus-config.ts';
import type { InterlockConfig, OutputConfig } from './output-config.ts';
import type { OutputEvent, OutputNote, OutputSlot } from './output-machine.ts';

/** How often the host gives a sign of life, ms. */
export const BEAT_MS = 250;

/** What the host is to hold. */
export interface OutputsHostPlan {
  /** Folder that stands for the machine's root. */
  prefix: string;
  outputs: OutputConfig[];
  /** Brought to their safe values once: outputs of an earlier configuration. */
  retired: OutputConfig[];
  interlocks: InterlockConfig[];
  /** Ids of the simulated buses. */
  simulated: string[];
  /** The kernel's file of each GPIO chip, by bus: `/dev/gpiochip0`. */
  chips: Record<string, string>;
  /** Modbus buses. */
  modbus: BusConfig[];
  /** What was commanded last, by output. */
  last: Record<string, number>;
  why: 'boot' | 'host';
  /** File for what happens while there is no root to tell it to. */
  orphans: string;
}

export type OutputDeed = Extract<OutputEvent, { kind: 'set' | 'release' }>;

export type OutputsOrder =
  | { order: 'begin'; plan: OutputsHostPlan }
  | { order: 'do'; id: number; deed: OutputDeed }
  | { order: 'stop' };

/** A note and when it was made: ms of the boot's monotonic clock, epoch ms of the machine's clock. */
export interface TimedNote {
  note: OutputNote;
  atMs: number;
  wallMs: number;
}

/** An output as its host has it. */
export interface SlotRow extends OutputSlot {
  output: string;
  error: string | null;
}

export type OutputsWord =
  | { word: 'ready' }
  | { word: 'beat' }
  /** Said first when all lines are held, then whenever something changed. */
  | { word: 'held'; slots: SlotRow[]; notes: TimedNote[] }
  | { word: 'done'; id: number; refused: string | null };

export function packed(message: OutputsOrder | OutputsWord): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}

/** Throws BAD_FRAME for what is no JSON. Both ends are ours and of one version: the shape is not looked at. */
export function unpacked(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch (cause) {
    throw new MusterError('BAD_FRAME', 'no JSON between root and outputs', {}, cause);
  }
}
