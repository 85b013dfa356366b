/**
 * The root's side of one host: starts it, listens for its beat, kills it when that stops or its memory grows too large,
 * and says whose fault it was. A child like any other, so its supervisor brings it back.
 * Owns: the kill, the blame, the rows of the sensors beneath. Refuses: to load a driver, and to restart anything.
 * Called by hosts.ts, once a start.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SensorState, TreeRow } from '../../src/shared/device-contract.ts';
import { busLookSchema, type BusLook } from '../../src/shared/device-scan-calls.ts';
import { errorFromWire, MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import type { BranchDeed, RemoteBranch } from '../administration/branch.ts';
import type { SensorConfig } from '../config.ts';
import { KILLED, SHUTDOWN, type ExitReason, type StartContext } from '../otp/child.ts';
import type { Allotment } from './allotment.ts';
import { ColumnReceiver, type RunOutlet } from './columns.ts';
import { openHostLink, type HostExit, type HostLink } from './host-link.ts';
import { fromHost, orderMessage, type Beat, type Order, type Word } from './messages.ts';
import type { Quarantine } from './quarantine.ts';
import { isBorne } from './silence.ts';
import { judge, type HostEnd } from './verdict.ts';

export interface HostOptions {
  allotment: Allotment;
  prefix: string;
  /** Folder of the cell files. */
  folder: string;
  /** Program file that hosts are started from. */
  entry: URL;
  beatMs: number;
  /** Longest time without a sign of life. */
  allowanceMs: number;
  outlet: RunOutlet;
  quarantine: Quarantine;
  /** True when it takes the place of one that failed. */
  again: boolean;
  isTakenOut: (sensor: string) => boolean;
}

/** Within this time come the first readings of a host, and of one whose bus has been silent long enough, ms. */
const SPREAD_MS = 1000;
const SPREAD_AGAIN_MS = 250;
const MiB = 1024 * 1024;

/** How long a host may take from its start to its first word, ms. */
const START_MS = 30_000;

/** Starts a host without waiting for it: a slow one must not hold up the rest of the tree. */
export async function startHost(options: HostOptions, context: StartContext): Promise<Host> {
  const { allotment, entry, folder } = options;
  const { id, mode, memoryMb } = allotment;
  const cellPath = join(folder, `${id}.cell`);
  const log: Log = (level, message, fields) => context.log(level, message, { host: id, ...fields });
  return new Host(
    options,
    context,
    await openHostLink({ mode, entry, cellPath, memoryMb, clock: context.clock, log }),
  );
}

/** A running host. Made by startHost. */
export class Host implements RemoteBranch {
  readonly exited: Promise<ExitReason>;
  readonly #options: HostOptions;
  readonly #context: StartContext;
  readonly #link: HostLink;
  readonly #receiver: ColumnReceiver;
  readonly #asked = new Map<
    number,
    { resolve(look: BusLook | null): void; reject(error: MusterError): void }
  >();
  #nextId = 0;
  #rows: { row: TreeRow; at: number }[] = [];
  #heardAt: number;
  #beat: Beat | null = null;
  /** Processor time that it had used at its last beat, or when it was told what to do. */
  #cpuMs = 0;
  /** Set when the root ends it. */
  #end: 'asked' | 'kill' | 'silence' | 'memory' | MusterError | null = null;
  #silentMs = 0;
  #begun = false;
  /** Settles when the plan is on its way, or never will be. */
  readonly #settled = Promise.withResolvers<void>();
  #isOver = false;
  #cancelLook = (): void => {};
  /** When the next look is due. */
  #lookAt = 0;

  constructor(options: HostOptions, context: StartContext, link: HostLink) {
    this.#options = options;
    this.#context = context;
    this.#link = link;
    this.#receiver = new ColumnReceiver(options.outlet);
    this.#heardAt = context.clock.monotonic();
    this.exited = link.exited.then((exit) => this.#ended(exit));
    link.pipe.onMessage((message) => this.#take(message));
    this.#lookSoon();
  }

  shutdown(): void {
    this.#end ??= 'asked';
    this.#order({ order: 'stop' });
  }

  kill(): void {
    this.#end = 'kill';
    this.#link.kill();
  }

  rows(): TreeRow[] {
    const { path } = this.#context;
    const now = this.#context.clock.monotonic();
    const own: TreeRow = {
      path,
      kind: 'supervisor',
      state: this.#end === null ? 'running' : 'stopping',
      restarts: 0,
      restartsInWindow: 0,
      nextAttemptMs: null,
      lastCause: null,
    };
    return [own, ...this.#rows.map(({ row, at }) => this.#withStrikes(row, now - at, now))];
  }

  async administer(path: string, deed: BranchDeed): Promise<void> {
    const { quarantine } = this.#options;
    const now = this.#context.clock.monotonic();
    if (deed === 'start' && quarantine.of(path)) quarantine.readmit(path, now);
    await this.#ask((id) => ({ order: 'administer', id, path, deed }));
  }

  /** Looks who answers on one of its buses. Rejects as the bus does, with CLOSED when this host ends meanwhile. */
  async look(bus: string): Promise<BusLook> {
    await this.#settled.promise;
    const look = await this.#ask((id) => ({ order: 'look', id, bus }));
    const parsed = busLookSchema.safeParse(look);
    if (parsed.success) return parsed.data;
    throw new MusterError('BAD_REPLY', `host ${this.#context.id} told something else of its bus`, {});
  }

  // ---- what comes from the host

  #take(message: Uint8Array): void {
    this.#heardAt = this.#context.clock.monotonic();
    try {
      const said = fromHost(message);
      if (said.kind === 'readings') this.#receiver.readings(said.batch);
      else if (said.kind === 'beat') this.#felt(said.beat);
      else this.#heard(said.word);
    } catch (error) {
      if (this.#end instanceof MusterError) return;
      this.#end = toMusterError(error, 'BAD_FRAME');
      this.#link.kill();
    }
  }

  #heard(word: Word): void {
    switch (word.word) {
      case 'ready':
        return this.#begin();
      case 'channels':
        return this.#receiver.channels(word.channels);
      case 'state':
        return this.#options.outlet.report(word.state);
      case 'rows': {
        const at = this.#heardAt;
        this.#rows.length = Math.min(this.#rows.length, word.count);
        for (const [i, row] of word.rows) this.#rows[i] = { row, at };
        return;
      }
      case 'log':
        return this.#context.log(word.level, word.message, word.fields ?? undefined);
      case 'done': {
        const asked = this.#asked.get(word.id);
        this.#asked.delete(word.id);
        if (word.error) asked?.reject(errorFromWire(word.error));
        else asked?.resolve(null);
        return;
      }
      case 'seen':
        this.#asked.get(word.id)?.resolve(word.look);
        this.#asked.delete(word.id);
    }
  }

  #begin(): void {
    const { again, allotment, entry, prefix, beatMs, isTakenOut, quarantine } = this.#options;
    const { sensors, buses, memoryMb } = allotment;
    const out = new Set(quarantine.out);
    this.#order({
      order: 'begin',
      plan: {
        path: this.#context.path,
        prefix,
        sensors,
        buses,
        drivers: fileURLToPath(new URL('drivers/', entry)),
        leftOut: sensors.map(({ id }) => id).filter((id) => isTakenOut(id) || out.has(id)),
        spreadMs: again ? SPREAD_AGAIN_MS : SPREAD_MS,
        beatMs,
        memoryBytes: memoryMb * MiB,
      },
    });
    this.#begun = true;
    this.#cpuMs = this.#link.facts()?.cpuMs ?? 0;
    this.#settled.resolve();
  }

  #felt(beat: Beat): void {
    this.#beat = beat;
    this.#cpuMs = beat.cpuMs;
    if (beat.memoryBytes <= this.#options.allotment.memoryMb * MiB || this.#end !== null) return;
    this.#end = 'memory';
    this.#link.kill();
  }

  // ---- the watch

  /** Looks again when the silence would be too long, and at least once a beat. */
  #lookSoon(): void {
    const { clock } = this.#context;
    const { allowanceMs, beatMs } = this.#options;
    const now = clock.monotonic();
    const left = this.#heardAt + allowanceMs - now;
    this.#lookAt = now + (left > 0 && left < beatMs ? left : beatMs);
    this.#cancelLook = clock.after(this.#lookAt - now, () => this.#look());
  }

  #look(): void {
    const { beatMs, allotment, quarantine } = this.#options;
    const allowanceMs = this.#begun ? this.#options.allowanceMs : START_MS;
    const now = this.#context.clock.monotonic();
    // who was late itself has not yet read what the host sent meanwhile
    const onTime = now - this.#lookAt < beatMs;
    const silentMs = now - this.#heardAt;
    if (onTime && silentMs >= allowanceMs && this.#end === null && allotment.mode !== 'inline') {
      const running = this.#link.running();
      const facts = this.#link.facts();
      if (!isBorne({ silentMs, allowanceMs, running, facts, cpuMs: this.#cpuMs })) {
        this.#end = 'silence';
        this.#silentMs = silentMs;
        return this.#link.kill();
      }
    }
    for (const sensor of this.#begun ? quarantine.takeDue(now) : []) {
      if (this.#options.isTakenOut(sensor)) continue;
      this.#context.log('info', 'a sensor that was left out is tried again', { sensor });
      this.administer(sensor, 'start').catch((error: unknown) =>
        this.#context.log('warn', 'it could not be started', { sensor, why: toMusterError(error).message }),
      );
    }
    this.#lookSoon();
  }

  // ---- its end

  #ended(exit: HostExit): ExitReason {
    const { id } = this.#context;
    const running = this.#link.running();
    this.#cancelLook();
    this.#link.release();
    this.#isOver = true;
    this.#settled.resolve();
    for (const asked of this.#asked.values()) asked.reject(gone(id));
    if (this.#end === 'asked') return SHUTDOWN;
    if (this.#end === 'kill') return KILLED;
    if (this.#end instanceof MusterError) return { kind: 'error', error: this.#end };
    const end: HostEnd = {
      ...exit,
      killedFor: this.#end,
      silentMs: this.#silentMs,
      running,
      beat: this.#beat,
      memoryLimitBytes: this.#options.allotment.memoryMb * MiB,
    };
    const { sensors } = this.#options.allotment;
    const { cause, culprit } = judge(end, (n) => sensors[n - 1]?.id ?? `sensor ${n}`);
    const blamed = sensors[culprit - 1];
    if (blamed) this.#blame(blamed, cause);
    return {
      kind: 'error',
      error: new MusterError('HOST_FAILED', cause, { host: id, sensor: blamed?.id ?? null }),
    };
  }

  #blame(sensor: SensorConfig, cause: string): void {
    const { quarantine, outlet } = this.#options;
    const out = quarantine.strike(sensor.id, this.#context.clock.monotonic(), cause);
    if (out)
      this.#context.log('error', 'a sensor brought its host down too often and is left out', {
        sensor: sensor.id,
        why: cause,
      });
    const state: SensorState = {
      sensor: sensor.id,
      name: sensor.name ?? sensor.id,
      driver: sensor.driver,
      bus: sensor.bus ?? '',
      state: 'failing',
      lastError: cause.slice(0, 500),
    };
    outlet.report(state);
  }

  /** A row as it is now, with what only the root knows: that the sensor brought its host down. */
  #withStrikes(row: TreeRow, ageMs: number, now: number): TreeRow {
    const strikes = this.#options.quarantine.of(row.path.slice(row.path.lastIndexOf('/') + 1));
    const nextAttemptMs = row.nextAttemptMs === null ? null : Math.max(0, row.nextAttemptMs - ageMs);
    if (!strikes) return { ...row, nextAttemptMs };
    const restarts = row.restarts + strikes.count;
    const lastCause = row.lastCause ?? strikes.cause.slice(0, 500);
    if (strikes.retryAt === null) return { ...row, restarts, nextAttemptMs, lastCause };
    return {
      ...row,
      state: 'gave-up',
      restarts,
      nextAttemptMs: Math.max(0, strikes.retryAt - now),
      lastCause,
    };
  }

  #ask(order: (id: number) => Order): Promise<BusLook | null> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#asked.set(id, { resolve, reject });
      if (this.#end === null && !this.#isOver) this.#order(order(id));
      else reject(gone(this.#context.id));
    });
  }

  #order(order: Order): void {
    try {
      this.#link.pipe.send(orderMessage(order));
    } catch {
      // its end is on the way
    }
  }
}

function gone(host: string): MusterError {
  return new MusterError('CLOSED', `host ${host} has ended`, { host });
}
