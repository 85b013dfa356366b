/** Readings and where they come from: the words every room shares. */
import * as z from 'zod';
import { QUANTITY_NAMES } from './quantity.ts';

/** How far a value can be believed. The index is the byte stored in a batch's quality column. */
export const QUALITIES = ['ok', 'stale', 'suspect', 'missing'] as const;
/** `missing` readings carry NaN: the sensor was asked and had no answer. */
export type Quality = (typeof QUALITIES)[number];

/** Byte of a quality in a batch. */
export function qualityByte(quality: Quality): number {
  return QUALITIES.indexOf(quality);
}

/** Quality of a byte; an unknown byte reads as `suspect`, never as `ok`. */
export function qualityName(byte: number): Quality {
  return QUALITIES[byte] ?? 'suspect';
}

/** A place in a device's journal: batch `batch` (from 1) of run `run` (from 1). */
export const cursorSchema = z.object({
  run: z.number().int().min(1),
  batch: z.number().int().min(0),
});
export type Cursor = z.infer<typeof cursorSchema>;

/** Order of two cursors: negative, zero or positive. */
export function compareCursors(a: Cursor, b: Cursor): number {
  return a.run - b.run || a.batch - b.batch;
}

const word = z.string().min(1).max(80);

/** A correction that a person measured: recorded value = decoded value × `scale` + `offset`. */
export const calibrationInfoSchema = z.object({
  scale: z.number(),
  /** In the channel's unit. */
  offset: z.number(),
  by: word,
  /** ISO 8601 date, or date and time with zone. */
  at: z.string().max(40),
});
export type CalibrationInfo = z.infer<typeof calibrationInfoSchema>;

/** One column of numbers a device produces; `index` is its number within one run. */
export const channelInfoSchema = z.object({
  index: z.number().int().min(0).max(0xffff_ffff),
  /** Id of the sensor, stable over runs. */
  sensor: word,
  /** What a person calls the sensor. */
  sensorName: word,
  driver: word,
  /** Name of the channel within its sensor, stable over runs. */
  channel: word,
  quantity: z.enum(QUANTITY_NAMES),
  /** SenML unit. */
  unit: z.string().max(16),
  decimals: z.number().int().min(0).max(9),
  /** How often a reading is due, in ms: a longer silence is a gap. */
  periodMs: z.number().positive(),
  /** Left out where values are recorded as the chip gave them. */
  calibration: calibrationInfoSchema.optional(),
});
export type ChannelInfo = z.infer<typeof channelInfoSchema>;

/** Where a run's wall time comes from, most believed first. `none`: nobody is known to have set the clock. */
export const CLOCK_SOURCES = ['ntp', 'laptop', 'rtc', 'none'] as const;
export const clockSourceSchema = z.enum(CLOCK_SOURCES);
export type ClockSource = z.infer<typeof clockSourceSchema>;

/** One life of the daemon. Wall time of a reading = `offsetMs` + its monotonic ms. */
export const runInfoSchema = z.object({
  run: z.number().int().min(1),
  bootId: z.string().max(80),
  /** Wall clock minus monotonic clock, ms. */
  offsetMs: z.number(),
  clock: clockSourceSchema,
  /** First batch still in the journal, 0 when it holds none of this run. */
  firstBatch: z.number().int().min(0),
  /** Last batch written, 0 when none. */
  lastBatch: z.number().int().min(0),
  /** True while this is the run of the daemon that answers. */
  current: z.boolean(),
  channels: z.array(channelInfoSchema).max(100_000),
});
export type RunInfo = z.infer<typeof runInfoSchema>;
