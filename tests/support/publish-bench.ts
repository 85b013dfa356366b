/** A journal on a test's clock with a publisher's pump on it, and a receiver that can be away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Batcher } from '../../device/journal/batcher.ts';
import { Intake } from '../../device/journal/intake.ts';
import type { Journal } from '../../device/journal/journal.ts';
import { openJournalStore } from '../../device/journal/journal-store.ts';
import type { Parcel, Reading } from '../../device/publish/parcel.ts';
import { positionFile, type Position } from '../../device/publish/position-file.ts';
import type { Account } from '../../device/publish/publish-contract.ts';
import { pump, type Sender } from '../../device/publish/pump.ts';
import { Pulls } from '../../device/stream/pulls.ts';
import { compareCursors } from '../../src/shared/reading.ts';
import { noLog } from '../../src/shared/log.ts';
import { pause } from '../../src/shared/pause.ts';
import { FakeClock } from './fake-clock.ts';

/** Notes what it is given; takes it only while it is there, and asks every second otherwise. */
export class Receiver implements Sender {
  isThere = true;
  readonly taken: { name: string; values: number[] }[] = [];
  readonly readings: Reading[] = [];
  /** Called when it has taken a parcel, before the pump hears of it. */
  onTaken = (): void => {};
  readonly #clock: FakeClock;
  readonly #closing = new AbortController();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async send(parcel: Parcel): Promise<number> {
    while (!this.isThere) {
      await pause(this.#clock, 1000, this.#closing.signal);
      if (this.#closing.signal.aborted) return 0;
    }
    const readings = [...parcel.readings()];
    const { first, last } = parcel;
    const name = `${first.run}.${first.batch}-${last.run}.${last.batch}`;
    this.taken.push({ name, values: readings.map(({ value }) => value) });
    this.readings.push(...readings);
    this.onTaken();
    return readings.length;
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  get values(): number[] {
    return this.taken.flatMap(({ values }) => values);
  }
}

export class PublishBench {
  readonly clock = new FakeClock();
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-publish-'));
  readonly path = join(this.folder, 'publishers/p.json');
  readonly accounts: Omit<Account, 'problem'>[] = [];
  readonly problems: (string | null)[] = [];
  journal: Journal;
  run = 0;
  readonly #intake = new Intake(() => this.#batcher.seal());
  readonly #batcher: Batcher;
  readonly pulls: Pulls;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(maxBytes = 1 << 30) {
    this.journal = openJournalStore({ path: join(this.folder, 'journal.db'), maxBytes }).journal;
    this.#batcher = new Batcher({
      intake: this.#intake,
      journal: () => this.journal,
      clock: this.clock,
      log: noLog,
      onFlushed: (head) => this.pulls.flushed(head),
    });
    this.pulls = new Pulls(
      () => this.journal,
      this.clock,
      () => {},
    );
  }

  /** Begins a run: a start of the daemon. */
  async begin(): Promise<void> {
    this.run = await this.journal.beginRun('boot', { offsetMs: 1_760_000_000_000, clock: 'ntp' });
    this.#batcher.begin(this.run, 0);
    this.#intake.rewriteChannels();
  }

  /** One batch with these values of a sensor. */
  async record(values: readonly number[], sensor = 'air'): Promise<void> {
    const channel = this.#intake.register({
      sensor,
      sensorName: sensor,
      driver: 'd',
      channel: 'temperature',
      quantity: 'temperature',
      unit: 'Cel',
      decimals: 1,
      periodMs: 1000,
    });
    for (const value of values) this.#intake.record(channel, this.clock.monotonic(), value, 0);
    await this.#batcher.flush();
  }

  /** Starts a pump; the one before is dead, as after a kill. */
  start(
    sender: Sender,
    options: { from?: 'now' | 'beginning'; everyMs?: number; sensor?: string } = {},
  ): void {
    const { from = 'now', everyMs = 0, sensor } = options;
    const stop = new AbortController();
    this.#stop = stop;
    this.#running = pump(
      {
        source: {
          pull: (pull) => this.pulls.pullQuietly(pull, stop.signal),
          runs: async ({ from: first }) => ({ runs: await this.journal.runs(first) }),
        },
        positions: positionFile(this.path, noLog),
        from,
        isWanted: (channel) => sensor === undefined || channel.sensor === sensor,
        sender,
        everyMs,
        tell: (account) => void this.accounts.push(account),
        onProblem: (error) => void this.problems.push(error?.message ?? null),
        clock: this.clock,
      },
      stop.signal,
    );
  }

  /** Ends it where it stands: what was not written down is forgotten. */
  async kill(sender: Sender): Promise<void> {
    this.#stop.abort();
    await sender.close();
    await this.#running;
  }

  /** Lets time go on until all that was recorded has been taken. */
  async untilSent(): Promise<void> {
    for (let second = 0; second < 10_000; second++) {
      await this.clock.advance(1000);
      const { head } = await this.journal.read(null, 1);
      const after = this.position()?.after;
      if (head && after && compareCursors(after, head) >= 0) return;
    }
    throw new Error('it was never sent');
  }

  position(): Position | null {
    return positionFile(this.path, noLog).read();
  }

  async remove(): Promise<void> {
    this.#stop.abort();
    await this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
