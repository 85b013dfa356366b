/**
 * A document on trial, as the disk knows it: the marker that is written before the document is, so that no crash and
 * no power cut leaves an unconfirmed one in force. Called by main at each start, before the configuration is read, and
 * by configuration.ts.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { configurationHashSchema } from '../../src/shared/device-configuration-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import { writeWhole } from '../platform/write-whole.ts';
import { hashOf, Versions } from './versions.ts';

const trialSchema = z.object({
  hash: configurationHashSchema,
  /** What comes back. */
  before: configurationHashSchema,
  by: z.string(),
  confirmWithinMs: z.number(),
  /** What did its work before. */
  expected: z
    .object({ sensors: z.array(z.string()), outputs: z.array(z.string()) })
    .default({ sensors: [], outputs: [] }),
  /** True once a daemon has started on it: the next start without a confirmation takes it back. */
  started: z.boolean(),
});
export type Trial = z.infer<typeof trialSchema>;

/** Where a configuration and its versions lie. */
export interface ConfigurationPlaces {
  config: string;
  /** Folder of the versions and the marker. */
  configurations: string;
}

const markerPath = ({ configurations }: ConfigurationPlaces) => join(configurations, 'trial.json');

/** The document now; an absent one is an empty one, which means the same. */
export function presentText({ config }: ConfigurationPlaces): string {
  try {
    return readFileSync(config, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  }
}

/** The trial that is ordered or goes on; null when there is none, or its marker cannot be read. */
export function readTrial(places: ConfigurationPlaces): Trial | null {
  try {
    return trialSchema.parse(JSON.parse(readFileSync(markerPath(places), 'utf8')));
  } catch {
    return null;
  }
}

/** Orders a trial of `text`. Both texts, then the marker, then the document: each is on the disk before the next. */
export function orderTrial(
  places: ConfigurationPlaces,
  text: string,
  terms: Pick<Trial, 'by' | 'confirmWithinMs' | 'expected'>,
): Trial {
  const versions = new Versions(places.configurations);
  const before = versions.keep(presentText(places));
  const trial: Trial = { hash: versions.keep(text), before, ...terms, started: false };
  writeTrial(places, trial);
  writeWhole(places.config, text);
  return trial;
}

/** The document before comes back, the marker goes last. May be done again after a cut. */
export function takeBack(places: ConfigurationPlaces, trial: Trial, why: string, at: number): void {
  const versions = new Versions(places.configurations);
  const text = versions.text(trial.before);
  if (text === null)
    throw new MusterError('REFUSED', 'the configuration before the trial is no longer kept whole', {});
  // what a hand wrote meanwhile stays
  if (hashOf(presentText(places)) === trial.hash) writeWhole(places.config, text);
  versions.note({ hash: trial.hash, at, by: trial.by, outcome: 'taken-back', why }, [trial.before]);
  endTrial(places);
}

/** Removes the marker: what stands there stays. */
export function endTrial(places: ConfigurationPlaces): void {
  rmSync(markerPath(places), { force: true });
}

/**
 * What a start does about a trial. One that is ordered begins; one that a daemon has started on before was not
 * confirmed, and is taken back. Call before the configuration is read; never throws.
 */
export function settleTrial(places: ConfigurationPlaces, at: number, log: Log): void {
  const trial = readTrial(places);
  if (!trial) return;
  try {
    const present = hashOf(presentText(places));
    if (!trial.started && present === trial.hash) {
      writeTrial(places, { ...trial, started: true });
      log('info', 'a configuration is on trial', { by: trial.by, hash: trial.hash });
    } else if (trial.started) {
      const why = 'the daemon ended before anybody confirmed it';
      takeBack(places, trial, why, at);
      log('warn', 'the configuration on trial is taken back', { why });
    } else endTrial(places); // cut before the document was written: nothing was changed
  } catch (thrown) {
    // What cannot be marked could be on trial for ever; the document before it is in force at the next start that can write.
    log('error', 'the trial of a configuration cannot be settled', { why: String(thrown) });
  }
}

function writeTrial(places: ConfigurationPlaces, trial: Trial): void {
  mkdirSync(places.configurations, { recursive: true });
  writeWhole(markerPath(places), `${JSON.stringify(trial)}\n`);
}
