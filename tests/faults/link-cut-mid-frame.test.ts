import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startLink } from '../../src/core/link/link.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { noLog } from '../../src/shared/log.ts';
import { frame, FrameParser, type Pipe } from '../../src/shared/pipe.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { DEVICE_ID, FakeDevice } from '../support/fake-device.ts';
import { readingsOf, tempArchive } from '../support/temp-archive.ts';

/** A pipe whose incoming side is a byte stream in small pieces that ends after `budget` bytes. */
function cutAfter(inner: Pipe, budget: number, pieceSize: number): Pipe {
  const parser = new FrameParser();
  let left = budget;
  let receive: (message: Uint8Array) => void = () => {};
  let closed: (error?: MusterError) => void = () => {};
  inner.onMessage((message) => {
    const bytes = frame(message);
    for (let at = 0; at < bytes.length && left > 0; at += pieceSize) {
      const piece = bytes.subarray(at, Math.min(bytes.length, at + Math.min(pieceSize, left)));
      left -= piece.length;
      for (const whole of parser.push(piece)) receive(whole);
    }
    if (left > 0) return;
    inner.close();
    closed(new MusterError('CONNECTION_LOST', 'the cable was pulled'));
  });
  inner.onClose((error) => closed(error));
  return {
    send: (message) => inner.send(message),
    onMessage: (fn) => (receive = fn),
    onClose: (fn) => (closed = fn),
    close: () => inner.close(),
  };
}

describe('a cable pulled in the middle of a frame', () => {
  it('costs no reading and brings none twice, wherever the cut falls', async () => {
    const device = new FakeDevice();
    device.start();
    const n = 120;
    for (let i = 0; i < n; i++) device.append([{ ms: i * 1000, channel: i % 2, value: i }]);
    let budget = 1500;
    const archive = await tempArchive();
    const clock = new FakeClock();
    const link = startLink({
      device: DEVICE_ID,
      // A little further each time, in steps that hit every part of a frame sooner or later.
      open: async () => cutAfter(await device.open(), (budget += 371), 113),
      archive,
      clock,
      log: noLog,
      random: () => 0.5,
      onState: () => {},
      onHello: () => {},
      onNews: () => {},
      onReadings: () => {},
      onAhead: () => {},
    });
    onTestFinished(() => link.stop());
    await vi.waitFor(
      async () => {
        if (link.state.state === 'waiting') await clock.advance(link.state.nextAttemptAt! - clock.wall());
        expect((await archive.cursor(DEVICE_ID))?.batch).toBe(n);
      },
      { timeout: 15_000, interval: 1 },
    );
    expect(device.opened).toBeGreaterThan(5);
    const values = (await readingsOf(archive)).map((r) => r.value);
    expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });
});
