import { describe, expect, it } from 'vitest';
import { startEngineClient } from '../../renderer/engine.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { fakeDevices } from '../support/fake-fleet.ts';
import { pipePair } from '../support/pipe-pair.ts';

function client(refusals = 0) {
  const clock = new FakeClock();
  const engine = createFakeEngine({ devices: fakeDevices(clock.wall()) });
  let cut = () => {};
  let opened = 0;
  const page = startEngineClient({
    clock,
    open: () => {
      if (opened++ < refusals) return Promise.reject(new MusterError('CONNECTION_LOST', 'nobody there'));
      const pair = pipePair();
      engine.serve(pair.b);
      cut = pair.cut;
      return Promise.resolve(pair.a);
    },
  });
  return { clock, engine, page, cut: () => cut(), opened: () => opened };
}

describe('the engine client', () => {
  it('answers calls when it is ready', async () => {
    const { page } = client();
    await settle();
    expect(page.state.getState()).toEqual({ phase: 'ready', attempts: 0, error: null });
    await expect(page.call['engine.info']({})).resolves.toMatchObject({ site: 'Nordfeld farm' });
  });

  it('refuses calls while there is no connection', async () => {
    const { page } = client(1);
    await settle();
    await expect(page.call['engine.info']({})).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('tries again, more slowly each time, and says how often it failed', async () => {
    const { clock, page, opened } = client(3);
    await settle();
    expect(page.state.getState()).toMatchObject({ phase: 'connecting', attempts: 1 });
    await clock.advance(249);
    expect(opened()).toBe(1);
    await clock.advance(1);
    expect(opened()).toBe(2);
    await clock.advance(500);
    expect(page.state.getState()).toMatchObject({ phase: 'connecting', attempts: 3 });
    await clock.advance(1000);
    expect(page.state.getState()).toMatchObject({ phase: 'ready', attempts: 0 });
  });

  it('is lost when the engine goes away, fails what was pending, and comes back', async () => {
    const { clock, page, cut } = client();
    let connections = 0;
    page.onReady(() => connections++);
    await settle();
    const pending = page.call['install.inspect']({ device: 'd1', login: { user: 'pi' }, trust: null });
    cut();
    await expect(pending).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(page.state.getState()).toMatchObject({ phase: 'lost', error: { code: 'CONNECTION_LOST' } });
    await clock.advance(250);
    expect(page.state.getState().phase).toBe('ready');
    expect(connections).toBe(2);
  });

  it('hands events to listeners of every connection, until they stop', async () => {
    const { clock, engine, page, cut } = client();
    const heard: string[] = [];
    const stop = page.on('deviceGone', ({ id }) => heard.push(id));
    await settle();
    engine.remove('d1');
    await settle();
    cut();
    await clock.advance(250);
    engine.remove('d2');
    await settle();
    stop();
    engine.remove('d3');
    await settle();
    expect(heard).toEqual(['d1', 'd2']);
  });

  it('stays closed once closed', async () => {
    const { clock, page, opened } = client(9);
    await settle();
    page.close();
    await clock.advance(60_000);
    expect(opened()).toBe(1);
  });
});
