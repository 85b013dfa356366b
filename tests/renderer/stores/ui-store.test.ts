import { describe, expect, it } from 'vitest';
import { createUiStore, type Keeper } from '../../../renderer/stores/ui-store.ts';
import { settle } from '../../support/fake-clock.ts';
import { fakeDevices } from '../../support/fake-fleet.ts';
import { pageOf } from '../page-of.ts';

function keeper(text: string | null = null): Keeper & { text: () => string | null } {
  let kept = text;
  return { getItem: () => kept, setItem: (_key, value) => void (kept = value), text: () => kept };
}

function ui(keep: Keeper = keeper()) {
  const joined = pageOf(fakeDevices(0));
  return { ...joined, store: createUiStore(joined.page, keep) };
}

describe('the ui store', () => {
  it('begins where the window was closed', () => {
    const keep = keeper();
    const { store } = ui(keep);
    const state = store.getState();
    state.setTheme('sunlight');
    state.go({ name: 'device', device: 'd1' });
    state.toggleSelected('d2');
    state.setChartRange('d1', { mode: 'live', spanMs: 3_600_000 });
    state.setFilter('green');
    state.openDrawer({ name: 'install', devices: ['t5'] });
    const again = ui(keep).store.getState();
    expect(again).toMatchObject({
      theme: 'sunlight',
      place: { name: 'device', device: 'd1' },
      selection: ['d2'],
      chartRanges: { d1: { mode: 'live', spanMs: 3_600_000 } },
      filter: 'green',
      drawer: null,
    });
  });

  it.each([
    ['not JSON', '{{{'],
    ['not an object', '7'],
    ['null', 'null'],
    ['another version', '{"theme":"neon","place":{"name":"moon"},"selection":"all"}'],
  ])('begins anew from %s, field by field', (_what, text) => {
    expect(ui(keeper(text)).store.getState()).toMatchObject({
      theme: 'system',
      place: { name: 'overview' },
      selection: [],
    });
  });

  it('keeps what fits of what was stored', () => {
    expect(ui(keeper('{"theme":"neon","touch":true}')).store.getState()).toMatchObject({
      theme: 'system',
      touch: true,
    });
  });

  it('goes on when the storage is full', () => {
    const full: Keeper = {
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    };
    const { store } = ui(full);
    store.getState().setTheme('dark');
    expect(store.getState().theme).toBe('dark');
  });

  it('follows a device to its lasting id everywhere', async () => {
    const { store, engine } = ui();
    await settle();
    store.getState().go({ name: 'device', device: 't5' });
    store.getState().setSelection(['t5', 'd1']);
    store.getState().setChartRange('t5', { mode: 'all' });
    store.getState().openDrawer({ name: 'install', devices: ['t6', 't5'] });
    engine.rename('t5', 'lasting');
    await settle();
    expect(store.getState()).toMatchObject({
      place: { name: 'device', device: 'lasting' },
      selection: ['lasting', 'd1'],
      chartRanges: { lasting: { mode: 'all' } },
      drawer: { name: 'install', devices: ['t6', 'lasting'] },
    });
  });

  it('leaves the page of a device that is gone', async () => {
    const { store, engine } = ui();
    await settle();
    store.getState().go({ name: 'device', device: 'd1' });
    store.getState().setSelection(['d1', 'd2']);
    engine.remove('d1');
    await settle();
    expect(store.getState()).toMatchObject({ place: { name: 'overview' }, selection: ['d2'] });
  });
});
