/** Drivers that misbehave as real ones do, on a simulated bus of their own. `options.afterMs`: how long they are well. */
import { appendFileSync } from 'node:fs';
import type { Driver, OpenSensor } from '../../device/drivers/driver.ts';
import type { Clock } from '../../src/shared/time.ts';

function faulty(id: string, misbehave: (pass: number) => void | Promise<void>): Driver {
  return {
    id,
    title: id,
    bus: 'machine',
    addresses: [],
    periodMs: 100,
    channels: () => [{ channel: 'count', quantity: 'load', decimals: 0, plausible: [0, 1e9] }],
    async open({ options, clock }): Promise<OpenSensor> {
      const wellUntil = clock.monotonic() + Number(options['afterMs'] ?? 0);
      // a test can read when the fault began
      const note = typeof options['note'] === 'string' ? options['note'] : null;
      let pass = 0;
      return {
        read(values) {
          values[0] = pass++;
          if (!isDue(clock, wellUntil)) return;
          if (note) appendFileSync(note, `${clock.monotonic()}\n`);
          return misbehave(pass);
        },
      };
    },
  };
}

function isDue(clock: Clock, at: number): boolean {
  return clock.monotonic() >= at;
}

const kept: Buffer[] = [];

export const FAULTY: readonly Driver[] = [
  faulty('well', () => {}),
  faulty('loops', () => {
    for (;;);
  }),
  faulty('loops-after-a-wait', async () => {
    await Promise.resolve();
    for (;;);
  }),
  faulty('throws', () => {
    throw new TypeError('cannot read the moon');
  }),
  faulty('exits', () => process.exit(3)),
  faulty('chatters', () => {
    for (let line = 0; line < 1000; line++) console.log('all is well, all is well, all is well');
  }),
  // 10 MB a second at ten readings a second
  faulty('leaks', () => {
    kept.push(Buffer.alloc(1024 * 1024, 1));
  }),
];
