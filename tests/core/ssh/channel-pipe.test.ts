import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { channelPipe } from '../../../src/core/ssh/channel-pipe.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { frame } from '../../../src/shared/pipe.ts';
import { until } from '../../support/sshd.ts';

/** A channel in memory: `feed` is what the far side sends; it reads only while `reading`. */
class Channel extends Duplex {
  readonly written: Buffer[] = [];
  reading = true;
  closed_ = 0;

  constructor() {
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false, highWaterMark: 65_536 });
  }

  feed(bytes: Uint8Array | null): boolean {
    return this.push(bytes && Buffer.from(bytes));
  }

  close(): void {
    this.closed_++;
    queueMicrotask(() => this.emit('close'));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    if (this.reading) done();
  }
}

it('keeps message borders however the bytes were split', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
      fc.array(fc.nat(2000), { maxLength: 8 }),
      async (messages, cuts) => {
        const channel = new Channel();
        const got: Uint8Array[] = [];
        const pipe = channelPipe(channel);
        const bytes = Buffer.concat(messages.map(frame));
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
          if (cut > from) channel.feed(bytes.subarray(from, cut));
          from = Math.max(from, Math.min(cut, bytes.length));
        }
        pipe.onMessage((message) => got.push(message));
        await until(() => got.length === messages.length, 'all messages');
        expect(got.map((one) => Buffer.from(one))).toEqual(messages.map((one) => Buffer.from(one)));
      },
    ),
    { numRuns: 50 },
  );
});

it('stops reading until there is a receiver', async () => {
  const channel = new Channel();
  const pipe = channelPipe(channel);
  for (let i = 0; i < 20; i++) channel.feed(frame(new Uint8Array(100_000)));
  await until(() => channel.isPaused(), 'the channel to be paused');
  let got = 0;
  pipe.onMessage(() => got++);
  await until(() => got === 20, 'all messages');
  expect(channel.isPaused()).toBe(false);
});

it('ends with the reason when the far side breaks the framing, or stops reading for good', async () => {
  const broken = new Channel();
  const first = channelPipe(broken);
  const reason = new Promise((resolve) => first.onClose(resolve));
  broken.feed(new Uint8Array([255, 255, 255, 255]));
  expect(await reason).toMatchObject({ code: 'BAD_FRAME' });
  expect(broken.closed_).toBe(1);

  const deaf = new Channel();
  deaf.reading = false;
  const second = channelPipe(deaf);
  const lost = new Promise((resolve) => second.onClose(resolve));
  const big = new Uint8Array(16 * 1024 * 1024);
  second.send(big);
  expect(deaf.closed_).toBe(0);
  second.send(big);
  expect(await lost).toMatchObject({ code: 'CONNECTION_LOST' });
  expect(() => second.send(big)).toThrow(MusterError);
});

it('answers the end of the far side with its own, since channels are half-open', async () => {
  const channel = new Channel();
  channelPipe(channel);
  channel.feed(null);
  await until(() => channel.writableEnded, 'our end');
  expect(channel.closed_).toBe(0);
});

it('tells its end once, also to a listener that comes late', () => {
  const channel = new Channel();
  const pipe = channelPipe(channel, () => new MusterError('CONNECTION_LOST', 'cut'));
  channel.emit('close');
  channel.emit('close');
  const ends: unknown[] = [];
  pipe.onClose((error) => ends.push(error));
  pipe.close();
  expect(ends).toMatchObject([{ code: 'CONNECTION_LOST' }]);
});
