/**
 * The power goes at any moment: SIGKILL of the real process, again and again, at seeded moments. Afterwards runs and
 * batches are contiguous, nothing is there twice, and nothing that a client was given is gone or different.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { pathsOf } from '../../device/platform/paths.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import type { Cursor } from '../../src/shared/reading.ts';

const ROUNDS = 6;
const CONFIG = `
version: 1
announce: { by: none }
hosts: { mode: inline }
journal: { flushMs: 20, idleFlushMs: 20 }
buses: [{ id: i2c-1, kind: sim, chips: [{ chip: tmp102, address: 0x48 }] }]
sensors:
${Array.from({ length: 20 }, (_, i) => `  - { id: s${i}, driver: tmp102, bus: i2c-1, periodMs: 10 }`).join('\n')}
`;

const prefix = new TestPrefix();
afterEach(() => prefix.remove());

it('loses at most the unflushed tail, never order, never twice', { timeout: 120_000 }, async () => {
  prefix.config(CONFIG);
  let seed = 20_260_503;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  /** What a client was given, by run and batch. */
  const given = new Map<string, string>();
  const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

  for (let round = 1; round <= ROUNDS; round++) {
    // deaths that soon after one another would bring it into safe mode, without sensors
    rmSync(pathsOf(prefix.path).life, { force: true });
    const daemon = await prefix.run();
    const client = await prefix.connect();
    const cut = performance.now() + 50 + random() * 600;
    let after: Cursor | null = null;
    while (performance.now() < cut) {
      const { batches } = await client.call.pull({ after, maxBytes: 65_536, waitMs: 50 });
      for (const { run, batch, data } of batches) {
        const key = `${run}.${batch}`;
        const known = given.get(key);
        if (known !== undefined && known !== digest(data)) throw new Error(`batch ${key} has changed`);
        given.set(key, digest(data));
        after = { run, batch };
      }
    }
    daemon.process.kill('SIGKILL');
    await daemon.ended;
    client.close();
  }

  await prefix.run();
  const client = await prefix.connect();
  const { runs } = await client.call.runs({ from: 1 });
  expect(runs.map(({ run }) => run)).toEqual(Array.from({ length: ROUNDS + 1 }, (_, i) => i + 1));
  const held = new Map<string, string>();
  const last = new Map<number, number>();
  let after: Cursor | null = null;
  for (;;) {
    const { batches } = await client.call.pull({ after, maxBytes: 1_000_000, waitMs: 0 });
    const old = batches.filter(({ run }) => run <= ROUNDS);
    for (const { run, batch, data } of old) {
      expect([run, batch]).toEqual([run, (last.get(run) ?? 0) + 1]);
      last.set(run, batch);
      held.set(`${run}.${batch}`, digest(data));
      const { channel, value } = unpack(data);
      expect(value.length).toBeGreaterThan(0);
      const known = runs.find((row) => row.run === run)?.channels.length ?? 0;
      // every channel that is used is described
      expect(Math.max(...channel)).toBeLessThan(known);
      after = { run, batch };
    }
    if (old.length === 0) break;
  }
  client.close();
  expect(given.size).toBeGreaterThan(ROUNDS * 5);
  const changed = [...given].filter(([key, hash]) => held.get(key) !== hash);
  expect(changed).toEqual([]);
});
