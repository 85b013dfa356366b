/**
 * What happened on the device, numbered and durable: lines of JSON in two files, the newer of which is appended to and
 * synced, and takes the older one's place when it is full.
 * Owns: the numbers, the bound. Refuses: to hold anybody up: a disk that is full or slow delays the writing, not the
 * deed, and what waits is written with the next event. Called by outputs and rules; read by control.
 */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import { deviceEventSchema, type DeviceEvent } from '../../src/shared/output.ts';

/** Events that can be asked for, and in each of the two files at most: about 600 kB a file. */
export const KEPT_EVENTS = 2000;

export type NewEvent = Omit<DeviceEvent, 'seq'>;

export class EventLog {
  readonly #path: string;
  readonly #log: Log;
  /** The newest, oldest first. */
  readonly #events: DeviceEvent[] = [];
  #next: number;
  /** Lines in the newer file. */
  #lines: number;
  #waiting: string[] = [];
  #writing: Promise<void> | null = null;
  #torn: boolean;
  #fault: string | null = null;

  /** `path`: the newer file; the older one is beside it. What cannot be read counts as not there. */
  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    const newer = textOf(path);
    this.#torn = newer !== '' && !newer.endsWith('\n');
    const events = eventsIn(newer);
    this.#lines = events.length;
    this.#events.push(...[...eventsIn(textOf(older(path))), ...events].slice(-KEPT_EVENTS));
    this.#next = (this.#events.at(-1)?.seq ?? 0) + 1;
  }

  /** Takes an event; it is durable when the promise settles, or else the log says why not. Never rejects. */
  add(event: NewEvent): Promise<void> {
    const whole: DeviceEvent = { seq: this.#next++, ...event };
    this.#events.push(whole);
    if (this.#events.length > KEPT_EVENTS) this.#events.shift();
    this.#waiting.push(JSON.stringify(whole));
    if (this.#waiting.length > KEPT_EVENTS) this.#waiting.shift();
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  /** Settles when what was taken so far is durable, or the log has said why not. */
  settled(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }

  /** At most `limit` events after number `after`, oldest first; the newest ones where `after` is null. */
  after(after: number | null, limit: number): { events: DeviceEvent[]; trimmed: boolean } {
    if (after === null) return { events: this.#events.slice(-limit), trimmed: false };
    const events = this.#events.filter(({ seq }) => seq > after).slice(0, limit);
    const first = this.#events[0]?.seq ?? this.#next;
    return { events, trimmed: after + 1 < first };
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#lines >= KEPT_EVENTS) {
          await rename(this.#path, older(this.#path));
          this.#lines = 0;
          this.#torn = false;
        }
        const file = await open(this.#path, 'a', 0o640);
        try {
          await file.write(`${this.#torn ? '\n' : ''}${lines.join('\n')}\n`);
          await file.datasync();
        } finally {
          await file.close();
        }
        this.#torn = false;
        this.#lines += lines.length;
        this.#fault = null;
      } catch (error) {
        this.#waiting = [...lines, ...this.#waiting].slice(-KEPT_EVENTS);
        // half of a line may be there now
        this.#torn = true;
        const why = toMusterError(error).message;
        if (why !== this.#fault) this.#log('warn', 'events wait for the disk', { path: this.#path, why });
        this.#fault = why;
        return;
      }
    }
  }
}

function older(path: string): string {
  return `${path}.old`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whole events of a text; a line that a power cut left behind is none. */
function eventsIn(text: string): DeviceEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return deviceEventSchema.parse(JSON.parse(line));
    } catch {
      return [];
    }
  });
}
