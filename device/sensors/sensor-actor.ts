/**
 * One sensor: asks its driver on a fixed grid of the monotonic clock and hands the readings on.
 * Owns: when to ask, how long to wait, quality, setting the chip up again. Refuses: to know its driver's bytes, or
 * where a reading goes. A fault the driver can name becomes `missing` readings; one it cannot ends the actor, and its
 * supervisor starts it anew. Started by sensors.ts, one for each configured sensor.
 */
import type { SensorState } from '../../src/shared/device-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { QUANTITIES } from '../../src/shared/quantity.ts';
import type { CalibrationInfo, ChannelInfo } from '../../src/shared/reading.ts';
import type { AnyBus } from '../bus/any-bus.ts';
import type { SensorConfig } from '../config.ts';
import type { ChannelDeclaration, Driver, DriverContext, OpenSensor } from '../drivers/driver.ts';
import { startActor, type Actor, type ActorSelf } from '../otp/actor.ts';
import type { ExitReason } from '../otp/child.ts';
import type { Ticker } from '../otp/ticker.ts';
import type { Machine } from '../platform/machine.ts';
import { calibrationsOf } from './calibration.ts';
import type { Latest, LatestCell } from './latest.ts';
import { MISSING, OK, qualityOf, SUSPECT } from './plausibility.ts';
import { Stillness } from './stillness.ts';

/** Where readings and states of sensors go. In a host of its own, this is what crosses the border. */
export interface SensorOutlet {
  /** Numbers of these channels in the run, in order; the same for the same sensor and channel. */
  register(channels: Omit<ChannelInfo, 'index'>[]): readonly number[] | Promise<readonly number[]>;
  record(channel: number, atMs: number, value: number, quality: number): void;
  /** Called when a state changes, not at each reading. */
  report(state: SensorState): void;
}

export interface SensorActorOptions {
  config: SensorConfig;
  driver: Driver;
  /** Null where the driver needs none; an error where its bus is not there. */
  bus: AnyBus | MusterError | null;
  machine: Machine;
  ticker: Ticker;
  outlet: SensorOutlet;
  /** Where sensors of one host find each other's values. Default: nowhere. */
  latest?: Latest;
  /** Ms to the first reading, so that sensors of one period do not all ask at once. */
  firstMs: number;
}

/** A driver that has not answered for this long is given up on, ms, unless it declares more. */
const PATIENCE_MS = 1000;

/** Starts the actor; it never fails to start. */
export function startSensor(options: SensorActorOptions): Actor {
  const sensor = new Sensor(options);
  return startActor(
    {
      everyMs: sensor.periodMs,
      firstMs: options.firstMs,
      onTick: (self) => sensor.tick(self),
      onStop: (reason) => sensor.stop(reason),
    },
    options.ticker,
  );
}

/** What a reading of one channel passes on its way from the driver to the outlet. */
interface Lane {
  /** Number in the run. */
  channel: number;
  declared: ChannelDeclaration;
  stillness: Stillness | null;
  calibration: CalibrationInfo | null;
  latest: LatestCell | null;
}

class Sensor {
  readonly periodMs: number;
  readonly #patienceMs: number;
  readonly #options: SensorActorOptions;
  readonly #context: DriverContext;
  #lanes: readonly Lane[] = [];
  #values = new Float64Array(0);
  /** What the driver says of each value by itself. */
  #said = new Uint8Array(0);
  #open: OpenSensor | null = null;
  /** When the work now under way began; null when there is none. */
  #since: number | null = null;
  #cancelPatience: (() => void) | null = null;
  /** Grows when work is given up: what it still brings is not ours any more. */
  #turn = 0;
  #state: SensorState['state'] | null = null;
  #error: string | null = null;

  constructor(options: SensorActorOptions) {
    const { config, driver, bus, machine, ticker, latest } = options;
    this.#options = options;
    this.periodMs = config.periodMs ?? driver.periodMs;
    this.#patienceMs = driver.patienceMs ?? PATIENCE_MS;
    this.#context = {
      bus: bus instanceof MusterError ? null : bus,
      address: config.address ?? driver.addresses[0] ?? 0,
      options: config.options,
      periodMs: this.periodMs,
      machine,
      clock: ticker.clock,
      ...(latest && { latest: (sensor, channel) => latest.read(sensor, channel) }),
    };
  }

  tick(self: ActorSelf): void {
    const now = this.#context.clock.monotonic();
    if (this.#since !== null) {
      if (now - this.#since < this.#patienceMs) return;
      this.#giveUp(now - this.#since);
    }
    if (this.#open) this.#ask(this.#open, now, self);
    else this.#await(this.#setUp(), now, self);
  }

  stop(reason: ExitReason): void {
    this.#abandon();
    if (reason.kind !== 'error') this.#report('stopped', this.#error);
  }

  /** One reading. A promise only where the driver has to wait: this is the path of every reading. */
  #ask(sensor: OpenSensor, now: number, self: ActorSelf): void {
    try {
      const pending = sensor.read(this.#values, this.#said.fill(OK));
      if (pending) this.#await(pending, now, self, true);
      else this.#record();
    } catch (error) {
      this.#caught(error, self);
    }
  }

  /** Lets work begun at `now` come to its end, and records what it read where it is a reading. */
  #await(work: Promise<void>, now: number, self: ActorSelf, isReading = false): void {
    this.#since = now;
    const turn = this.#turn;
    // a quicker sensor sees it at a tick soon after, for less than a timer at each reading
    const ms = this.#patienceMs;
    if (this.periodMs >= ms) this.#cancelPatience = this.#context.clock.after(ms, () => this.#giveUp(ms));
    work.then(
      () => {
        if (turn !== this.#turn) return;
        this.#since = null;
        this.#endPatience();
        if (!isReading) return;
        try {
          this.#record();
        } catch (error) {
          this.#caught(error, self);
        }
      },
      (error: unknown) => {
        if (turn === this.#turn) this.#caught(error, self);
      },
    );
  }

  /** Declares the channels, sets the chip up and reads it once. */
  async #setUp(): Promise<void> {
    const { config, driver, bus, outlet, latest } = this.#options;
    const turn = this.#turn;
    const declared = driver.channels(this.#context);
    const names = declared.map(({ channel }) => channel);
    const calibrations = calibrationsOf(config.calibration ?? [], names);
    const channels = await outlet.register(
      declared.map(({ channel, quantity, decimals }, i) => ({
        sensor: config.id,
        sensorName: config.name ?? config.id,
        driver: driver.id,
        channel,
        quantity,
        unit: QUANTITIES[quantity].unit,
        decimals,
        periodMs: this.periodMs,
        ...(calibrations[i] && { calibration: calibrations[i] }),
      })),
    );
    if (turn !== this.#turn) return;
    // what was seen of a channel before the chip was set up anew still counts
    const before = this.#lanes;
    this.#lanes = declared.map((declared, i) => ({
      channel: channels[i] as number,
      declared,
      stillness:
        before[i]?.stillness ??
        (declared.restlessMs === undefined ? null : new Stillness(declared.restlessMs)),
      calibration: calibrations[i] ?? null,
      latest: latest?.cell(config.id, declared.channel) ?? null,
    }));
    this.#values = new Float64Array(declared.length);
    this.#said = new Uint8Array(declared.length);
    if (bus instanceof MusterError) throw bus;
    const sensor = await driver.open(this.#context);
    if (turn !== this.#turn) {
      sensor.close?.();
      return;
    }
    this.#open = sensor;
    await sensor.read(this.#values, this.#said);
    if (turn === this.#turn) this.#record();
  }

  #record(): void {
    const now = this.#context.clock.monotonic();
    const { outlet } = this.#options;
    for (let i = 0; i < this.#lanes.length; i++) {
      const { channel, declared, stillness, calibration, latest } = this.#lanes[i] as Lane;
      const raw = this.#values[i] as number;
      let quality = Math.max(this.#said[i] as number, qualityOf(raw, declared));
      if (stillness?.isStuck(raw, now)) quality = Math.max(quality, SUSPECT);
      const value = calibration ? raw * calibration.scale + calibration.offset : raw;
      if (latest && quality === OK) {
        latest.value = value;
        latest.atMs = now;
      }
      outlet.record(channel, now, value, quality);
    }
    if (this.#state !== 'ok') this.#report('ok', null);
  }

  /** Lets go of the timer as well: kept, those of thousands of sensors are megabytes. */
  #endPatience(): void {
    this.#cancelPatience?.();
    this.#cancelPatience = null;
  }

  /** The driver has had its time. */
  #giveUp(afterMs: number): void {
    const ms = Math.round(afterMs);
    this.#fail(new MusterError('TIMEOUT', `no answer in ${ms} ms`, { ms }));
  }

  /** A fault with a code is the sensor's; anything else is a fault of the driver, and ends this actor. */
  #caught(error: unknown, self: ActorSelf): void {
    this.#fail(error);
    if (!(error instanceof MusterError)) self.exit({ kind: 'error', error });
  }

  /** Records the gap; the next tick sets the chip up anew, since it may have lost its power in between. */
  #fail(error: unknown): void {
    const now = this.#context.clock.monotonic();
    for (const { channel } of this.#lanes) this.#options.outlet.record(channel, now, Number.NaN, MISSING);
    this.#abandon();
    this.#report('failing', error instanceof Error ? error.message : String(error));
  }

  /** Work under way is not ours any more, and the chip is given back. */
  #abandon(): void {
    this.#turn++;
    this.#since = null;
    this.#endPatience();
    const open = this.#open;
    this.#open = null;
    open?.close?.();
  }

  #report(state: SensorState['state'], error: string | null): void {
    const said = error?.slice(0, 500) ?? null;
    if (state === this.#state && said === this.#error) return;
    this.#state = state;
    this.#error = said;
    const { config, driver } = this.#options;
    this.#options.outlet.report({
      sensor: config.id,
      name: config.name ?? config.id,
      driver: driver.id,
      bus: config.bus ?? '',
      state,
      lastError: said,
    });
  }
}
