/**
 * The device's configuration as one versioned document.
 * Owns: what stands in force, what is on trial and until when, the versions before. Refuses: a document that is not
 * valid, one made from another than the present one, and two trials at once. The document is judged in a process of
 * its own (judge.ts), since drivers are loaded for it. Called by control; a trial ends with its timer, with a
 * confirmation, or at the next start (trial-file.ts).
 */
import type {
  ConfigurationProblem,
  ConfigurationState,
} from '../../src/shared/device-configuration-calls.ts';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { atWork, unmetDemand, type Expected, type Observed } from '../health/demands.ts';
import {
  endTrial,
  orderTrial,
  presentText,
  readTrial,
  takeBack,
  type ConfigurationPlaces,
  type Trial,
} from './trial-file.ts';
import { hashOf, Versions } from './versions.ts';

export interface ConfigurationOptions {
  places: ConfigurationPlaces;
  byFirmware: boolean;
  /** What is wrong with a text. */
  judge: (text: string) => Promise<ConfigurationProblem[]>;
  /** What else is on trial or under way, in words; null: nothing. */
  busyElsewhere: () => string | null;
  /** What a look at the daemon finds. */
  observe: () => Observed;
  /** Ends the daemon in order and has it started again; null: nobody would start it. */
  restart: (() => void) | null;
  clock: Clock;
  log: Log;
}

/** A trial that could not be ended, as on a full disk, is ended later, ms. */
const RETRY_MS = 10_000;
/** The answer to a call is on its way before the daemon goes, ms. */
const ANSWER_MS = 200;
/** What is new and silent is told by name, up to so many. */
const TOLD = 100;

export class Configuration {
  readonly #options: ConfigurationOptions;
  readonly #versions: Versions;
  /** The trial this daemon runs on, and its end on the monotonic clock. */
  #trial: Trial | null;
  #endsAt = 0;
  #cancelEnd = (): void => {};
  /** True from the order to restart on: nothing else is begun. */
  #leaving = false;
  /** True while a document is judged and written. */
  #trying = false;

  constructor(options: ConfigurationOptions) {
    const { places, clock } = options;
    this.#options = options;
    this.#versions = new Versions(places.configurations);
    const trial = readTrial(places);
    // also one that could not be marked as started
    this.#trial = trial?.hash === hashOf(presentText(places)) ? trial : null;
    if (this.#trial) {
      this.#endsAt = clock.monotonic() + this.#trial.confirmWithinMs;
      this.#cancelEnd = clock.after(this.#trial.confirmWithinMs, () => this.#tooLate());
    } else this.#noteFound();
  }

  /** The timer goes with the daemon. */
  stop(): void {
    this.#cancelEnd();
  }

  /** What is on trial or under way, in words; null: nothing. */
  get busy(): string | null {
    const trial = readTrial(this.#options.places);
    if (trial) return `a configuration of ${trial.by} is on trial`;
    return this.#trying || this.#leaving ? 'another configuration is on its way' : null;
  }

  state(): ConfigurationState {
    const { places, byFirmware, clock, observe } = this.#options;
    const text = presentText(places);
    const trial = readTrial(places);
    return {
      text,
      hash: hashOf(text),
      byFirmware,
      trial: trial && {
        hash: trial.hash,
        before: trial.before,
        by: trial.by,
        running: this.#trial !== null,
        leftMs: this.#trial ? Math.max(0, this.#endsAt - clock.monotonic()) : trial.confirmWithinMs,
        shows: this.#trial && shownBy(observe(), trial.expected),
      },
      history: this.#versions.history,
    };
  }

  text(hash: string): string {
    const text = this.#versions.text(hash);
    if (text === null) throw refused('this version is not kept on the device');
    return text;
  }

  check(text: string): Promise<ConfigurationProblem[]> {
    return this.#options.judge(text);
  }

  /** Writes a document and restarts into it; its hash. */
  async try(text: string, base: string, by: string, confirmWithinMs: number): Promise<string> {
    const { places, restart, observe, judge, log } = this.#options;
    if (!restart) {
      const reason = 'its daemon was not started from a slot: install Muster on it again';
      throw new MusterError('UNSUPPORTED', reason, { reason });
    }
    this.#refuseWhile(this.busy ?? this.#options.busyElsewhere());
    this.#mustBePresent(base);
    this.#trying = true;
    try {
      const problems = await judge(text);
      const [first] = problems;
      if (first) throw invalid(problems, first);
      // somebody with an editor may have been quicker
      this.#mustBePresent(base);
      this.#refuseWhile(this.#options.busyElsewhere());
      this.#keepFound();
      const trial = orderTrial(places, text, { by, confirmWithinMs, expected: atWork(observe()) });
      log('info', 'restarts into a configuration on trial', { by, hash: trial.hash });
      this.#leave();
      return trial.hash;
    } finally {
      this.#trying = false;
    }
  }

  confirm(hash: string): void {
    const { places, clock, log } = this.#options;
    const trial = this.#trial;
    if (trial?.hash !== hash || this.#leaving) throw refused('this configuration is not on trial');
    // the marker first: a cut after it keeps what was confirmed, and only the history lacks a line
    endTrial(places);
    this.#trial = null;
    this.#cancelEnd();
    this.#versions.note({ hash, at: clock.wall(), by: trial.by, outcome: 'applied', why: null }, []);
    log('info', 'the configuration is confirmed', { by: trial.by, hash });
  }

  async revert(to: string, by: string, confirmWithinMs: number, why?: string): Promise<void> {
    if (this.#trial?.before === to && !this.#leaving) {
      this.#back(`${by} took it back${why === undefined ? '' : `: ${why}`}`.slice(0, 500));
      return;
    }
    await this.try(this.text(to), hashOf(presentText(this.#options.places)), by, confirmWithinMs);
  }

  #refuseWhile(reason: string | null): void {
    if (reason !== null) throw new MusterError('DEVICE_BUSY', reason, { reason });
  }

  #mustBePresent(base: string): void {
    const { places, clock } = this.#options;
    const present = hashOf(presentText(places));
    if (base === present) return;
    const newest = this.#versions.history.findLast(({ hash }) => hash === present);
    const { by, at } = newest ?? { by: null, at: clock.wall() };
    const when = newest ? ` on ${new Date(at).toISOString()}` : '';
    throw refused(
      `the configuration was changed by ${by ?? 'somebody on the device'}${when}; look at that one first`,
    );
  }

  /** A document that nobody sent by this way is a version too. */
  #keepFound(): void {
    const text = presentText(this.#options.places);
    const hash = this.#versions.keep(text);
    if (this.#versions.history.findLast((entry) => entry.outcome !== 'taken-back')?.hash === hash) return;
    this.#versions.note({ hash, at: this.#options.clock.wall(), by: null, outcome: 'found', why: null }, []);
  }

  /** At a start; a disk that is full or broken stands in no start's way. */
  #noteFound(): void {
    try {
      this.#keepFound();
    } catch (thrown) {
      this.#options.log('warn', 'the configuration is not kept as a version', {
        why: toMusterError(thrown).message,
      });
    }
  }

  #tooLate(): void {
    const within = Math.round((this.#trial?.confirmWithinMs ?? 0) / 1000);
    try {
      this.#back(`nobody confirmed it within ${within} s`);
    } catch (thrown) {
      this.#options.log('error', 'the configuration on trial cannot be taken back yet', {
        why: toMusterError(thrown).message,
      });
      this.#cancelEnd = this.#options.clock.after(RETRY_MS, () => this.#tooLate());
    }
  }

  #back(why: string): void {
    const { places, clock, log } = this.#options;
    const trial = this.#trial;
    if (!trial) return;
    takeBack(places, trial, why, clock.wall());
    log('warn', 'the configuration on trial is taken back', { why });
    this.#leave();
  }

  #leave(): void {
    this.#leaving = true;
    this.#cancelEnd();
    const { restart, clock } = this.#options;
    if (restart) clock.after(ANSWER_MS, restart);
  }
}

/** What worked before is demanded; what did not, or is new, is only told of. */
function shownBy(seen: Observed, expected: Expected) {
  const rows = new Map(seen.sensors.map((row) => [row.sensor, row]));
  const named = seen.configured ?? [...rows.keys()];
  const sensors = named
    .filter((id) => !expected.sensors.includes(id))
    .flatMap((id) => {
      const row = rows.get(id);
      if (row?.state === 'ok' || row?.takenOut) return [];
      return { kind: 'sensor' as const, id, why: row ? (row.lastError ?? 'it says no more') : null };
    });
  const outputs = seen.outputs
    .filter(({ output, state }) => state !== 'ok' && !expected.outputs.includes(output))
    .map(({ output, error }) => ({ kind: 'output' as const, id: output, why: error }));
  return {
    unmet: unmetDemand(seen, expected)?.slice(0, 500) ?? null,
    silent: [...sensors, ...outputs].slice(0, TOLD),
  };
}

function refused(reason: string): MusterError {
  return new MusterError('REFUSED', reason, { reason });
}

/** The first problem in words, and how many more there are: who wants all of them asks for them. */
function invalid(problems: readonly ConfigurationProblem[], first: ConfigurationProblem): MusterError {
  const { path, line, message } = first;
  const where = `${path || 'the document'}${line === null ? '' : ` (line ${line})`}`;
  const more = problems.length > 1 ? `; and ${problems.length - 1} more` : '';
  return new MusterError('CONFIG_INVALID', `${where}: ${message}${more}`, { path, line });
}
