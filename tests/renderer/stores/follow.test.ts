import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { EngineClient } from '../../../renderer/engine.ts';
import { follow } from '../../../renderer/stores/follow.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { settle } from '../../support/fake-clock.ts';

type Rows = Record<string, number>;
type Change = [row: string, version: number];

/** A source of numbered rows whose events and snapshot answers arrive when the test says so, in order. */
function source() {
  const truth: Rows = {};
  const wire: (() => void)[] = [];
  let take: (change: Change) => void = () => {};
  let ready = () => {};
  const reported: unknown[] = [];
  const engine = {
    onReady: (fn: () => void) => (ready = fn),
    report: (error: unknown) => reported.push(error),
  } as unknown as EngineClient;
  const store = createStore<Rows>(() => ({}));
  let fail: Error | null = null;
  follow<Rows, Change>(engine, store, {
    listen: (fn) => (take = fn),
    load: () => {
      // The engine reads its rows now, and the answer is sent some time later.
      const rows = { ...truth };
      const error = fail;
      return new Promise((resolve, reject) => wire.push(() => (error ? reject(error) : resolve(rows))));
    },
    apply: (rows, [row, version]) => ({ ...rows, [row]: version }),
  });
  return {
    store,
    truth,
    reported,
    connect: () => ready(),
    change(row: string) {
      const version = (truth[row] ?? 0) + 1;
      truth[row] = version;
      wire.push(() => take([row, version]));
    },
    /** Delivers one message; an answer may be overtaken by events sent after its rows were read. */
    async deliver(index: number) {
      wire.splice(index % Math.max(1, wire.length), 1)[0]?.();
      await settle();
    },
    fail: (error: Error) => (fail = error),
    left: () => wire.length,
  };
}

describe('follow', () => {
  it('keeps a change that came while the snapshot was on its way', async () => {
    const rows = source();
    rows.change('a');
    await rows.deliver(0);
    rows.connect();
    rows.change('a');
    await rows.deliver(1);
    await rows.deliver(0);
    expect(rows.store.getState()).toEqual({ a: 2 });
  });

  it('ends equal to the engine, however events and snapshots interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('connect', 'a', 'b', 'deliver'), { maxLength: 40 }),
        async (moves) => {
          const rows = source();
          rows.connect();
          for (const move of moves) {
            if (move === 'connect') rows.connect();
            else if (move === 'deliver') await rows.deliver(0);
            else rows.change(move);
          }
          while (rows.left() > 0) await rows.deliver(0);
          expect(rows.store.getState()).toEqual(rows.truth);
        },
      ),
    );
  });

  it('drops the answer of an earlier connection', async () => {
    const rows = source();
    rows.connect();
    rows.truth['a'] = 7;
    rows.connect();
    await rows.deliver(1);
    await rows.deliver(0);
    expect(rows.store.getState()).toEqual({ a: 7 });
  });

  it('keeps what was there and reports when a snapshot fails', async () => {
    const rows = source();
    rows.change('a');
    await rows.deliver(0);
    rows.fail(new MusterError('BAD_REPLY', 'rows: invalid'));
    rows.connect();
    await rows.deliver(0);
    expect(rows.store.getState()).toEqual({ a: 1 });
    expect(rows.reported).toHaveLength(1);
  });
});
