import { describe, expect, it } from 'vitest';
import { ChartFrames, FRAME_MS } from '../../../renderer/chart/chart-frames.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function frames() {
  const clock = new FakeClock();
  const source = {
    now: () => clock.monotonic(),
    after: (ms: number, fn: () => void) => clock.after(ms, fn),
    frame: (fn: () => void) => clock.after(4, fn),
  };
  return { clock, frames: new ChartFrames(() => ({ from: 0, to: 1 }), source) };
}

describe('ChartFrames', () => {
  it('draws all charts together, at most ten times a second, however often it is asked', async () => {
    const { clock, frames: stack } = frames();
    let [a, b] = [0, 0];
    stack.add(() => a++);
    stack.add(() => b++);
    for (let ms = 0; ms < 1000; ms += 5) {
      stack.invalidate();
      await clock.advance(5);
    }
    expect(a).toBeGreaterThanOrEqual(8);
    expect(a).toBeLessThanOrEqual(1 + 1000 / FRAME_MS);
    expect(b).toBe(a);
  });

  it('draws nothing when nothing asks', async () => {
    const { clock, frames: stack } = frames();
    let drawn = 0;
    stack.add(() => drawn++);
    await clock.advance(10_000);
    expect(drawn).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('stands still while held, and draws once when let go', async () => {
    const { clock, frames: stack } = frames();
    let drawn = 0;
    stack.add(() => drawn++);
    await clock.advance(500);
    stack.hold(true);
    stack.invalidate();
    await clock.advance(500);
    expect(drawn).toBe(1);
    stack.hold(false);
    await clock.advance(500);
    expect(drawn).toBe(2);
  });

  it('leaves out a chart that is gone', async () => {
    const { clock, frames: stack } = frames();
    let drawn = 0;
    const remove = stack.add(() => drawn++);
    remove();
    await clock.advance(500);
    expect(drawn).toBe(0);
  });
});
