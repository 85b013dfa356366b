import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startLink, type Link, type LinkOptions } from '../../../src/core/link/link.ts';
import type { LinkState } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { noLog } from '../../../src/shared/log.ts';
import type { Pipe } from '../../../src/shared/pipe.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { DEVICE_ID, FakeDevice } from '../../support/fake-device.ts';
import { readingsOf, tempArchive } from '../../support/temp-archive.ts';

async function start(device: FakeDevice, more: Partial<LinkOptions> = {}) {
  const archive = await tempArchive();
  const clock = new FakeClock();
  const states: LinkState[] = [];
  const live: number[] = [];
  const link: Link = startLink({
    device: DEVICE_ID,
    open: device.open,
    archive,
    clock,
    log: noLog,
    random: () => 0.5,
    onState: (state) => states.push(state),
    onHello: () => {},
    onNews: () => {},
    onReadings: (rows) => live.push(...rows.value),
    onAhead: () => {},
    ...more,
  });
  onTestFinished(() => link.stop());
  return { archive, clock, states, live, link };
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 2 });
const stateIs = (link: Link, state: LinkState['state']) => until(() => expect(link.state.state).toBe(state));

describe('a link', () => {
  it('catches up, goes live and brings what is new', async () => {
    const device = new FakeDevice();
    device.start();
    for (let i = 0; i < 30; i++) device.append([{ ms: i * 1000, channel: 0, value: i }], i % 2 === 0);
    const { archive, live, link, states } = await start(device);
    await stateIs(link, 'live');
    device.append([{ ms: 30_000, channel: 1, value: 30 }]);
    await until(() => expect(live).toHaveLength(31));
    expect(live).toEqual(Array.from({ length: 31 }, (_, i) => i));
    expect(states.map((s) => s.state)).toContain('catching-up');
    expect(await archive.cursor(DEVICE_ID)).toEqual({ run: 1, batch: 31 });
    expect(link.state).toMatchObject({ reconnects: 0, behind: null, error: null });
  });

  it('resumes from the committed cursor after a cut, with nothing lost and nothing twice', async () => {
    const device = new FakeDevice();
    device.start();
    const { archive, clock, link } = await start(device);
    await stateIs(link, 'live');
    let value = 0;
    for (let round = 1; round <= 5; round++) {
      device.append([{ ms: value * 1000, channel: 0, value: value++ }]);
      device.cut();
      device.append([{ ms: value * 1000, channel: 0, value: value++ }]);
      await stateIs(link, 'waiting');
      expect(link.state.error?.code).toBe('CONNECTION_LOST');
      await clock.advance(link.state.nextAttemptAt! - clock.wall());
      await stateIs(link, 'live');
      await until(async () => expect((await archive.cursor(DEVICE_ID))?.batch).toBe(value));
      expect(link.state.reconnects).toBe(round);
    }
    expect((await readingsOf(archive)).map((r) => r.value)).toEqual(Array.from({ length: 10 }, (_, i) => i));
  });

  it('tries again quickly first, then ever more slowly', async () => {
    const device = new FakeDevice();
    device.start();
    device.refuse = new MusterError('HOST_UNREACHABLE', 'no route');
    const { clock, link } = await start(device);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      await stateIs(link, 'waiting');
      waits.push(link.state.nextAttemptAt! - clock.wall());
      await clock.advance(waits.at(-1)!);
    }
    expect(waits).toEqual([250, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('refuses a device that is another one, and tries again only when told', async () => {
    const device = new FakeDevice();
    device.start();
    const { clock, link } = await start(device, { device: 'ffffffff-0000-4000-8000-000000000000' });
    await stateIs(link, 'refused');
    expect(link.state.error).toMatchObject({ code: 'DEVICE_UNKNOWN', details: { actual: DEVICE_ID } });
    await clock.advance(3_600_000);
    expect(device.opened).toBe(1);
    link.retry();
    await until(() => expect(device.opened).toBe(2));
  });

  it('gives up a device that does not answer', async () => {
    const device = new FakeDevice();
    device.start();
    device.handlers = { pull: () => new Promise(() => {}) };
    const { clock, link } = await start(device);
    await until(() => expect(link.state.state).toBe('live'));
    await clock.advance(20_000);
    await stateIs(link, 'waiting');
    expect(link.state.error?.code).toBe('TIMEOUT');
  });

  it('does not spin when a device answers at once with nothing', async () => {
    const device = new FakeDevice();
    device.start();
    let pulls = 0;
    device.handlers = {
      pull: () => {
        pulls++;
        return { batches: [], trimmedTo: null, head: { run: 1, batch: 9 } };
      },
    };
    const { clock, link } = await start(device);
    await until(() => expect(pulls).toBe(2));
    await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulls).toBeLessThanOrEqual(7);
    await link.stop();
  });

  it('stops at once while it connects, and closes a pipe that comes too late', async () => {
    let arrive: (pipe: Pipe) => void = () => {};
    const open = () =>
      new Promise<Pipe>((resolve) => {
        arrive = resolve;
      });
    const { link } = await start(new FakeDevice(), { open });
    await link.stop();
    expect(link.state.state).toBe('off');
    const late = {
      closed: false,
      send() {},
      onMessage() {},
      onClose() {},
      close: () => (late.closed = true),
    };
    arrive(late);
    await until(() => expect(late.closed).toBe(true));
  });

  it('hands out the calls of a connected device only', async () => {
    const device = new FakeDevice();
    device.start();
    const { link } = await start(device);
    expect(() => link.call).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    await stateIs(link, 'live');
    expect(await link.call.tree({})).toEqual({ rows: [] });
    await link.stop();
    expect(() => link.call).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });

  it('puts right the time of a device that learned it later', async () => {
    const device = new FakeDevice();
    const run = device.start({ offsetMs: 0, clock: 'none' });
    const corrections: boolean[] = [];
    const { archive, clock, link } = await start(device, { onNews: (n) => corrections.push(n.corrected) });
    await stateIs(link, 'live');
    device.append([{ ms: 1000, channel: 0, value: 1 }]);
    await until(async () => expect((await readingsOf(archive))[0]?.t).toBe(1000));
    run.offsetMs = 1_777_000_000_000;
    run.clock = 'ntp';
    await clock.advance(30_000);
    device.append([{ ms: 2000, channel: 0, value: 2 }]);
    await until(async () => expect(await readingsOf(archive)).toHaveLength(2));
    await clock.advance(31_000);
    device.append([{ ms: 3000, channel: 0, value: 3 }]);
    await until(() => expect(corrections).toContain(true));
    expect((await readingsOf(archive)).map((r) => r.t)).toEqual(
      [1000, 2000, 3000].map((t) => t + run.offsetMs),
    );
  });

  it('offers its time to a device whose clock nobody has set, before it asks for runs', async () => {
    const device = new FakeDevice();
    const run = device.start({ offsetMs: 0, clock: 'none' });
    const asked: string[] = [];
    device.handlers.offerTime = ({ wallMs }) => {
      asked.push('offer');
      Object.assign(run, { offsetMs: wallMs, clock: 'laptop' });
      return { verdict: 'taken', clock: 'laptop', offsetMs: wallMs, movedMs: wallMs };
    };
    device.handlers.runs = () => {
      asked.push('runs');
      return { runs: device.runs };
    };
    device.append([{ ms: 1000, channel: 0, value: 1 }]);
    const told: string[] = [];
    const { archive, clock } = await start(device, { offerTime: ({ verdict }) => told.push(verdict) });
    await until(async () => expect(await readingsOf(archive)).toHaveLength(1));
    expect(asked.slice(0, 2)).toEqual(['offer', 'runs']);
    expect(told).toEqual(['taken']);
    expect((await readingsOf(archive))[0]!.t).toBe(clock.wall() + 1000);
  });

  it('keeps the link to an older daemon that takes no time, and offers none to a clock that is set', async () => {
    const old = new FakeDevice();
    old.start({ clock: 'none' });
    let offers = 0;
    old.handlers.offerTime = () => {
      offers++;
      throw new MusterError('UNSUPPORTED', 'there is no call offerTime');
    };
    const { link } = await start(old, { offerTime: () => expect.unreachable() });
    await stateIs(link, 'live');
    expect(offers).toBe(1);
    const set = new FakeDevice();
    set.start({ clock: 'ntp' });
    set.handlers.offerTime = () => expect.unreachable();
    await stateIs((await start(set, { offerTime: () => {} })).link, 'live');
  });
});
