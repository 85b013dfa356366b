/**
 * Readings on their way past the intake, as far as rules want them: columns that wait for the next look.
 * Costs every other reading one look into an array of bytes. Bounded: of more readings than fit between two looks the
 * latest counts. Outlives the rules' actor, so that a restart of it finds the channels.
 */
import type { ChannelInfo } from '../../src/shared/reading.ts';
import type { RunOutlet } from '../host/columns.ts';

const ROWS = 8192;

type Info = Omit<ChannelInfo, 'index'>;

export class ReadingFeed {
  readonly #wanted: ReadonlySet<string>;
  readonly #channels = new Map<string, Info>();
  /** 1 where the channel of that number is wanted. */
  #isWanted = new Uint8Array(64);
  readonly #names = new Map<number, string>();
  readonly #channel = new Uint32Array(ROWS);
  readonly #at = new Float64Array(ROWS);
  readonly #value = new Float64Array(ROWS);
  readonly #quality = new Uint8Array(ROWS);
  #rows = 0;

  /** `wanted`: keys of channels, see channelKey. */
  constructor(wanted: Iterable<string>) {
    this.#wanted = new Set(wanted);
  }

  /** What a sensor has declared, by key; nothing before its first start. */
  info(key: string): Info | null {
    return this.#channels.get(key) ?? null;
  }

  /** True when the sensor has declared any channel. */
  hasDeclared(sensor: string): boolean {
    return [...this.#channels.values()].some((info) => info.sensor === sensor);
  }

  /** Puts itself before an outlet; the same outlet where nothing is wanted. */
  tap(outlet: RunOutlet): RunOutlet {
    if (this.#wanted.size === 0) return outlet;
    return {
      ...outlet,
      register: (channels) => {
        const numbers = outlet.register(channels);
        for (const [i, info] of channels.entries()) this.#registered(numbers[i] as number, info);
        return numbers;
      },
      record: (channel, atMs, value, quality) => {
        outlet.record(channel, atMs, value, quality);
        if (this.#isWanted[channel] === 1) this.#take(channel, atMs, value, quality);
      },
    };
  }

  /** Hands over what came since the last call, in its order. */
  drain(take: (key: string, atMs: number, value: number, quality: number) => void): void {
    const rows = this.#rows;
    this.#rows = 0;
    for (let i = 0; i < rows; i++) {
      const key = this.#names.get(this.#channel[i] as number) as string;
      take(key, this.#at[i] as number, this.#value[i] as number, this.#quality[i] as number);
    }
  }

  #registered(number: number, info: Info): void {
    const key = channelKey(info.sensor, info.channel);
    this.#channels.set(key, info);
    if (!this.#wanted.has(key)) return;
    if (number >= this.#isWanted.length) {
      const grown = new Uint8Array(Math.max(number + 1, this.#isWanted.length * 2));
      grown.set(this.#isWanted);
      this.#isWanted = grown;
    }
    this.#isWanted[number] = 1;
    this.#names.set(number, key);
  }

  #take(channel: number, atMs: number, value: number, quality: number): void {
    const row = Math.min(this.#rows, ROWS - 1);
    this.#channel[row] = channel;
    this.#at[row] = atMs;
    this.#value[row] = value;
    this.#quality[row] = quality;
    this.#rows = row + 1;
  }
}

export function channelKey(sensor: string, channel: string): string {
  return `${sensor}\n${channel}`;
}
