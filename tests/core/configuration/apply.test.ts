import { describe, expect, it } from 'vitest';
import { applyConfiguration } from '../../../src/core/configuration/apply.ts';
import { deviceContract } from '../../../src/shared/device-contract.ts';
import type { Step } from '../../../src/shared/engine-contract.ts';
import { connectPeer } from '../../../src/shared/peer.ts';
import { hashOf } from '../../support/fake-configuration.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeDevice } from '../../support/fake-device.ts';
import { until } from '../../support/until.ts';

async function bench() {
  const device = new FakeDevice();
  device.start();
  const clock = new FakeClock();
  const client = connectPeer(await device.open(), deviceContract);
  const abort = new AbortController();
  let steps: Step[] = [];
  const apply = (order: { text: string; base: string | null } | { to: string }, keep = false) =>
    applyConfiguration({
      keep,
      call: () => client.call,
      order,
      by: 'kim@laptop',
      clock,
      signal: abort.signal,
      onSteps: (now) => (steps = now),
    });
  /** Lets time pass until `work` has ended. */
  async function ended<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const end = () => (state.over = true);
    work.then(end, end);
    for (let turn = 0; !state.over && turn < 2000; turn++) {
      await clock.advance(500);
    }
    return work;
  }
  return { configuration: device.configuration, apply, ended, abort, steps: () => steps };
}

describe('applying a configuration', () => {
  it('has it tried, sees it run, and confirms', async () => {
    const { configuration, apply, ended, steps } = await bench();
    const { hash, note } = await ended(apply({ text: 'version: 1\nname: new\n', base: null }));
    expect(hash).toBe(hashOf('version: 1\nname: new\n'));
    expect(note).toBeNull();
    expect(configuration.trial).toBeNull();
    expect(configuration.history).toEqual([{ hash, at: 0, by: 'kim@laptop', outcome: 'applied', why: null }]);
    expect(steps().map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('refuses what was made from another document than the present one', async () => {
    const { apply, ended } = await bench();
    const old = hashOf('something else');
    await expect(ended(apply({ text: 'version: 1\n', base: old }))).rejects.toMatchObject({
      code: 'REFUSED',
    });
  });

  it('says so when the device went back by itself', async () => {
    const text = 'version: 1\nname: cut\n';
    const { configuration, apply, ended } = await bench();
    configuration.goesBack = true;
    await expect(ended(apply({ text, base: null }))).rejects.toMatchObject({
      code: 'CONFIG_TAKEN_BACK',
      details: { reason: 'nobody confirmed it' },
    });
  });

  it('waits until what worked before works again', async () => {
    const { configuration, apply, ended } = await bench();
    const unmet = 'the sensor air, which measured before, did not';
    configuration.shows = [
      { unmet, silent: [] },
      { unmet, silent: [] },
      { unmet: null, silent: [] },
    ];
    expect(await ended(apply({ text: 'version: 1\nname: new\n', base: null }))).toMatchObject({ note: null });
    expect(configuration.shows).toHaveLength(1);
    expect(configuration.history.at(-1)?.outcome).toBe('applied');
  });

  it('has it taken back, with the reason, when something that worked before does not', async () => {
    const { configuration, apply, ended } = await bench();
    const unmet = 'the sensor air, which measured before, did not (nobody answers)';
    configuration.shows = [{ unmet, silent: [] }];
    await expect(ended(apply({ text: 'version: 1\nname: new\n', base: null }))).rejects.toMatchObject({
      code: 'CONFIG_TAKEN_BACK',
      details: { reason: unmet },
    });
    expect(configuration).toMatchObject({ text: 'version: 1\n', trial: null, why: unmet });
  });

  it('keeps it all the same when told to, and says what does not work', async () => {
    const { configuration, apply, ended } = await bench();
    configuration.shows = [{ unmet: 'its output valve was not held', silent: [] }];
    const applied = await ended(apply({ text: 'version: 1\nname: new\n', base: null }, true));
    expect(applied.note).toBe('its output valve was not held');
    expect(configuration.history.at(-1)?.outcome).toBe('applied');
  });

  it('confirms with something new that does not work, and says so', async () => {
    const { configuration, apply, ended, steps } = await bench();
    const silent = (['sensor', 'output'] as const).map((kind) => ({
      kind,
      id: `new-${kind}`,
      why: 'no bus',
    }));
    configuration.shows = [{ unmet: null, silent: [...silent, { kind: 'sensor', id: 'late', why: null }] }];
    const { note } = await ended(apply({ text: 'version: 1\nname: new\n', base: null }));
    expect(note).toBe(
      'sensor new-sensor does not read: no bus; output new-output is not held: no bus; sensor late does not read: nothing was heard of it yet',
    );
    expect(steps().at(-1)).toMatchObject({ id: 'confirm', state: 'done', detail: note });
    expect(configuration.history.at(-1)?.outcome).toBe('applied');
  });

  it('goes back to a version, and leaves the device to itself when it is cancelled', async () => {
    const { configuration, apply, ended, abort } = await bench();
    const first = hashOf(configuration.text);
    await ended(apply({ text: 'version: 1\nname: two\n', base: first }));
    expect(await ended(apply({ to: first }))).toEqual({ hash: first, note: null });
    expect(configuration.text).toBe('version: 1\n');

    configuration.cutsItsLink = true;
    const work = apply({ text: 'version: 1\nname: three\n', base: first });
    await until(() => configuration.trial !== null, 'the trial');
    abort.abort();
    await expect(ended(work)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
