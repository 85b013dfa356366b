/**
 * Readings on their way from a host to the root: columns that are sent every few moments, and their unpacking.
 * No object is made for a reading on either side.
 */
import { decodeBatch } from '../../src/shared/batch.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';
import { Intake } from '../journal/intake.ts';
import type { SensorOutlet } from '../sensors/sensor-actor.ts';
import { readingsMessage, wordMessage } from './messages.ts';

/** How long a reading may wait in its host, ms. */
export const SEND_EVERY_MS = 50;

/** The host's end: an outlet that collects. */
export class ColumnSender {
  readonly outlet: SensorOutlet;
  readonly #intake: Intake;
  readonly #send: (message: Uint8Array) => void;

  constructor(send: (message: Uint8Array) => void) {
    this.#send = send;
    this.#intake = new Intake(() => this.send());
    const intake = this.#intake;
    this.outlet = {
      register: (channels) => channels.map((channel) => intake.register(channel)),
      record: (channel, atMs, value, quality) => intake.record(channel, atMs, value, quality),
      report: (state) => send(wordMessage({ word: 'state', state })),
    };
  }

  /** Sends what waits, new channels first. */
  send(): void {
    const channels = this.#intake.takeChannels();
    if (channels.length > 0) this.#send(wordMessage({ word: 'channels', channels }));
    const batch = this.#intake.take();
    if (batch) this.#send(readingsMessage(batch));
  }
}

/** The outlet of the run, in the root. */
export interface RunOutlet extends SensorOutlet {
  register(channels: Omit<ChannelInfo, 'index'>[]): readonly number[];
}

/** The root's end: hands on to the outlet of the run. */
export class ColumnReceiver {
  readonly #outlet: RunOutlet;
  /** Number in the host → number in the run. */
  readonly #numbers: number[] = [];

  constructor(outlet: RunOutlet) {
    this.#outlet = outlet;
  }

  /** Takes further channels of the host. Throws BAD_FRAME when they do not follow those known. */
  channels(channels: readonly ChannelInfo[]): void {
    for (const { index, ...info } of channels) {
      if (index !== this.#numbers.length) throw new MusterError('BAD_FRAME', 'a host left out a channel');
      this.#numbers.push(...this.#outlet.register([info]));
    }
  }

  /** Hands on the readings of a batch. Throws BAD_FRAME, before the first of them, when it is not whole. */
  readings(batch: Uint8Array): void {
    const { baseMs, value, deltaUs, channel, quality } = decodeBatch(batch);
    if (channel.some((number) => number >= this.#numbers.length))
      throw new MusterError('BAD_FRAME', 'a host sent readings of a channel it never named');
    for (let i = 0; i < value.length; i++)
      this.#outlet.record(
        this.#numbers[channel[i] as number] as number,
        baseMs + (deltaUs[i] as number) / 1000,
        value[i] as number,
        quality[i] as number,
      );
  }
}
