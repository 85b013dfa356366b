/**
 * A sensor that is told its values by messages. A reading is what was said since the last one; where nothing was, it waits
 * for the next word, so it has the time at which that came.
 * Owns: the newest word of each topic and nothing older; what silence, nonsense and "offline" mean. Refuses: to take for a
 * measurement what the broker kept from before we listened: nobody knows how old that is, so it is `stale` beside others.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityByte } from '../../../src/shared/reading.ts';
import { needBus, type Driver, type DriverContext, type OpenSensor } from '../driver.ts';
import { saidIn } from './said.ts';
import { needTold, type Telling } from './telling.ts';

/** Messages without a meaning in a row, after which it is not the device that was configured. */
const MOST_UNREADABLE = 3;
const STALE = qualityByte('stale');

/**
 * Sensors, by their options, whose device fell silent, is offline, or talks nonsense: set up anew, they are not well before
 * it has said something.
 */
const DISTRUSTED = new WeakSet<DriverContext['options']>();

/** A driver whose sensors name a device and some of what it knows to measure. */
export interface TellingDriver extends Driver {
  measures: readonly string[];
}

/** A driver of such a kind. `tell`: what the options mean, throws CONFIG_INVALID. `measures`: names that it knows. */
export function tellingDriver(
  id: string,
  title: string,
  tell: (options: Readonly<Record<string, unknown>>) => Telling,
  measures: readonly string[] = [],
): TellingDriver {
  return {
    id,
    title,
    measures,
    bus: 'mqtt',
    addresses: [],
    periodMs: 1000,
    // how long it may be silent is its own affair (options.silentMs)
    patienceMs: 100_000_000,
    channels: ({ options }) => tell(options).values.map(({ declared }) => declared),
    async open(context) {
      const telling = tell(context.options);
      needTold(telling, measures);
      const sensor = new ListeningSensor(telling, context);
      await sensor.listen();
      return sensor;
    },
  };
}

class ListeningSensor implements OpenSensor {
  readonly #telling: Telling;
  readonly #context: DriverContext;
  /** The newest message of each topic that nobody has looked at. */
  readonly #unseen = new Map<string, { payload: Uint8Array; isRetained: boolean }>();
  /** The newest number of each value, and when it came: −∞ for one from before we listened. */
  readonly #newest: number[];
  readonly #atMs: number[];
  readonly #fresh: boolean[];
  #heardAtMs: number;
  #isFirst = true;
  #isAway = false;
  #unreadable = 0;
  /** The last message held none of our values. */
  #isStrange = false;
  #gone: MusterError | null = null;
  #wake: (() => void) | null = null;
  #stopListening = (): void => {};

  constructor(telling: Telling, context: DriverContext) {
    this.#telling = telling;
    this.#context = context;
    this.#newest = telling.values.map(() => Number.NaN);
    this.#atMs = telling.values.map(() => Number.NEGATIVE_INFINITY);
    this.#fresh = telling.values.map(() => false);
    this.#heardAtMs = context.clock.monotonic();
  }

  async listen(): Promise<void> {
    const { values, presence } = this.#telling;
    const topics = values.flatMap(({ sources }) => sources.map(({ topic }) => topic));
    if (presence) topics.push(presence.topic);
    const bus = needBus(this.#context, 'mqtt');
    const ear = await bus.listen([...new Set(topics)], {
      onMessage: (topic, payload, isRetained) => {
        this.#unseen.set(topic, { payload: new Uint8Array(payload), isRetained });
        this.#wake?.();
      },
      onGone: (error) => {
        this.#gone = error;
        this.#wake?.();
      },
    });
    this.#stopListening = () => ear.close();
  }

  async read(values: Float64Array, quality: Uint8Array): Promise<void> {
    this.#look();
    // whether its device speaks now or in an hour: it is listened to, and that is all that can be asked of it at first
    const mayWait = !this.#isFirst || DISTRUSTED.has(this.#context.options);
    this.#isFirst = false;
    if (mayWait) await this.#word();
    const { clock } = this.#context;
    for (let i = 0; i < values.length; i++) {
      const isOld = clock.monotonic() - (this.#atMs[i] as number) > this.#telling.silentMs;
      const isKept = this.#atMs[i] === Number.NEGATIVE_INFINITY;
      values[i] = isOld && !isKept ? Number.NaN : (this.#newest[i] as number);
      if (!this.#fresh[i]) quality[i] = STALE;
    }
    if (this.#fresh.includes(true)) DISTRUSTED.delete(this.#context.options);
    this.#fresh.fill(false);
  }

  close(): void {
    this.#stopListening();
    this.#gone ??= silent(this.#telling.device, 0);
    this.#wake?.();
  }

  /** Takes in what came. Throws what is wrong with the device, or with the way to it. */
  #look(): void {
    for (const [topic, { payload, isRetained }] of this.#unseen) this.#take(topic, payload, isRetained);
    this.#unseen.clear();
    if (this.#gone) throw this.#gone;
    const { device } = this.#telling;
    if (this.#isAway)
      throw this.#distrust(
        new MusterError('BUS_NACK', `${device} is offline, says the broker; see to its power and its radio`, {
          device,
        }),
      );
    if (this.#unreadable >= MOST_UNREADABLE) throw this.#distrust(unreadable(device));
  }

  #take(topic: string, payload: Uint8Array, isRetained: boolean): void {
    const said = saidIn(payload);
    const { values, presence } = this.#telling;
    if (topic === presence?.topic) this.#isAway = presence.isThere(said) === false;
    let isOurs = false;
    let hasValue = false;
    for (const [i, { sources }] of values.entries())
      for (const source of sources) {
        if (source.topic !== topic) continue;
        isOurs = true;
        const number = said === undefined ? Number.NaN : source.read(said);
        if (Number.isNaN(number)) continue;
        hasValue = true;
        this.#newest[i] = number;
        if (isRetained) continue;
        this.#fresh[i] = true;
        this.#atMs[i] = this.#heardAtMs = this.#context.clock.monotonic();
      }
    if (!isOurs || isRetained) return;
    // an object that names none of our values is a word of the device too
    const isWord = hasValue || (typeof said === 'object' && said !== null);
    this.#unreadable = isWord ? 0 : this.#unreadable + 1;
    this.#isStrange = !hasValue;
  }

  /** Settles when there is a new value. */
  async #word(): Promise<void> {
    while (!this.#fresh.includes(true)) {
      await this.#nextMessage();
      this.#look();
    }
  }

  /** Settles with the next message; rejects when the device is silent for too long. */
  #nextMessage(): Promise<void> {
    const { clock } = this.#context;
    const { device, silentMs } = this.#telling;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        this.#wake = null;
        settle();
      };
      const left = Math.max(0, this.#heardAtMs + silentMs - clock.monotonic());
      const cancel = clock.after(left, () =>
        end(() => reject(this.#distrust(this.#isStrange ? strange(device) : silent(device, silentMs)))),
      );
      this.#wake = () => end(resolve);
    });
  }

  #distrust(error: MusterError): MusterError {
    DISTRUSTED.add(this.#context.options);
    return error;
  }
}

function silent(device: string, ms: number): MusterError {
  const minutes = ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
  return new MusterError(
    'BUS_NACK',
    `${device} has said nothing new for ${minutes}; is its name right, and is it on?`,
    {
      device,
    },
  );
}

function strange(device: string): MusterError {
  const reason = `${device} speaks, but of none of the values that are configured`;
  return new MusterError('DRIVER_UNREADABLE', `${reason}; correct their names`, { device, reason });
}

function unreadable(device: string): MusterError {
  const reason = `what ${device} says holds no number`;
  return new MusterError('DRIVER_UNREADABLE', `${reason}; correct the topic, or the settings of the device`, {
    device,
    reason,
  });
}
