/** A page's engine client joined to a make-believe engine in memory, with the cut. */
import { startEngineClient, type EngineClient } from '../../renderer/engine.ts';
import type { DeviceRecord } from '../../src/shared/engine-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createFakeEngine, type FakeEngine } from '../support/fake-engine.ts';
import { pipePair } from '../support/pipe-pair.ts';

export function pageOf(devices: DeviceRecord[]): {
  clock: FakeClock;
  engine: FakeEngine;
  page: EngineClient;
  cut: () => void;
} {
  const clock = new FakeClock();
  const engine = createFakeEngine({ devices, stepMs: 1 });
  let cut = () => {};
  const page = startEngineClient({
    clock,
    open: () => {
      const pair = pipePair();
      engine.serve(pair.b);
      cut = pair.cut;
      return Promise.resolve(pair.a);
    },
  });
  return { clock, engine, page, cut: () => cut() };
}
