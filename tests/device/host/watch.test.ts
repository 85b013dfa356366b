import { describe, expect, it } from 'vitest';
import { Watch } from '../../../device/host/watch.ts';

function watched(measure?: () => number): { watch: Watch; written: number[] } {
  const written: number[] = [];
  return { watch: new Watch({ write: (sensor) => void written.push(sensor) }, measure), written };
}

const turn = () => new Promise(setImmediate);
const tick = () => new Promise<void>((resolve) => process.nextTick(resolve));

describe('the watch of a host', () => {
  it('writes once for each sensor that reads at once, and clears the cell once after all', async () => {
    const { watch, written } = watched();
    for (const n of [3, 1, 2]) {
      watch.enter(n);
      watch.leave();
    }
    expect(written).toEqual([3, 1, 2]);
    await tick();
    expect(written).toEqual([3, 1, 2, 0]);
  });

  it('keeps the name of a driver that waits until its turn is over, for it may go on in it', async () => {
    const { watch, written } = watched();
    watch.enter(7);
    await tick();
    expect(written).toEqual([7]);
    await turn();
    await turn();
    expect(written).toEqual([7, 0]);
  });

  it('names whom most memory grew under, and forgets when nobody looks any more', () => {
    let bytes = 1000;
    const { watch } = watched(() => bytes);
    watch.look(true);
    for (const [n, grown] of [
      [1, 10],
      [2, 50],
      [1, 20],
    ] as const) {
      watch.enter(n);
      bytes += grown;
    }
    watch.enter(9);
    expect(watch.growth).toEqual({ topSensor: 2, topBytes: 50, grownBytes: 80 });
    watch.look(false);
    expect(watch.growth).toEqual({ topSensor: 0, topBytes: 0, grownBytes: 0 });
  });
});
