/** What a person changed of a configuration is not lost. */
import { describe, expect, it } from 'vitest';
import {
  createConfigurationsStore,
  type ConfigurationsStore,
} from '../../../renderer/stores/configurations-store.ts';
import type { ConfigurationState } from '../../../src/shared/device-configuration-calls.ts';
import { bareDevice } from '../../support/fake-fleet.ts';
import { until } from '../../support/until.ts';
import { pageOf } from '../page-of.ts';

const base = { text: 'version: 1\n', hash: 'a' };
const draft = { base, text: 'version: 1\nname: x\n' };

function keeper(stored = new Map<string, string>()) {
  return {
    stored,
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  };
}

function learn(store: ConfigurationsStore, text: string, trial: ConfigurationState['trial'] = null): void {
  const state = { text, hash: 'b', byFirmware: false, trial, history: [] };
  store.getState().learn('d1', { state, schema: '{}', daemonVersion: '1' });
}

describe('changes of a configuration', () => {
  const { page, engine } = pageOf([bareDevice('d1', 'greenhouse-1', 0)]);

  it('outlive the window', () => {
    const kept = keeper();
    createConfigurationsStore(page, kept).getState().edit('d1', draft);
    expect(createConfigurationsStore(page, kept).getState().drafts.get('d1')).toEqual(draft);
  });

  it('are none when they say what stands there, or what the device has come to run on', () => {
    const store = createConfigurationsStore(page, keeper());
    store.getState().edit('d1', { base, text: base.text });
    expect(store.getState().drafts.size).toBe(0);
    store.getState().edit('d1', draft);
    learn(store, draft.text, { hash: 'b', before: 'a', by: 'kim', running: true, leftMs: 1 });
    expect(store.getState().drafts.size).toBe(1);
    learn(store, draft.text);
    expect(store.getState().drafts.size).toBe(0);
  });

  it('begin anew with what does not fit', () => {
    const stored = new Map([['muster.configurations', '{"d1":{"text":1}}']]);
    expect(createConfigurationsStore(page, keeper(stored)).getState().drafts.size).toBe(0);
  });

  it('follow a device that gets its lasting name', async () => {
    const store = createConfigurationsStore(page, keeper());
    store.getState().edit('d1', draft);
    engine.rename('d1', 'd2');
    await until(() => store.getState().drafts.has('d2'), 'the changes under the new name');
    expect(store.getState().drafts.has('d1')).toBe(false);
  });
});
