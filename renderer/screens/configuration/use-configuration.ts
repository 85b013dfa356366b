/** The configuration of a device as it runs, and as a person changed it: asked again and again, edited in the store. */
import { useCallback } from 'react';
import type { ConfigurationState } from '../../../src/shared/device-configuration-calls.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import type { WireError } from '../../../src/shared/errors.ts';
import type { Draft } from '../../stores/configurations-store.ts';
import { useCalls, useConfigurations, useMuster } from '../../stores/muster.tsx';
import { usePolled } from '../device/use-polled.ts';

const ASK_MS = 3000;
/** Where a device has no document yet, this says the same as none. */
const EMPTY = 'version: 1\n';

export interface Configuration {
  state: ConfigurationState;
  schema: string;
  draft: Draft | null;
  /** What the forms show: the draft, or what runs. */
  text: string;
  change: (text: (before: string) => string) => void;
  discard: () => void;
  /** From now on the draft is a change of `base`. */
  rebase: (text: string, base: Draft['base']) => void;
}

/** Null until the device was asked once since the window opened. */
export function useConfiguration(
  device: DeviceRecord,
  linked: boolean,
): { configuration: Configuration | null; error: WireError | null } {
  const call = useCalls();
  const { configurations } = useMuster();
  const { id, daemonVersion } = device;
  const ask = useCallback(async () => {
    const state = await call['config.get']({ device: id });
    // a schema is that of one daemon
    const before = configurations.getState().known.get(id);
    const schema =
      before?.daemonVersion === daemonVersion
        ? before.schema
        : (await call['config.schema']({ device: id })).schema;
    configurations.getState().learn(id, { state, schema, daemonVersion });
  }, [call, configurations, id, daemonVersion]);
  const { error } = usePolled(ask, ASK_MS, linked);

  const known = useConfigurations((all) => all.known.get(id));
  const draft = useConfigurations((all) => all.drafts.get(id)) ?? null;
  const change = useCallback(
    (edit: (before: string) => string) => {
      const store = configurations.getState();
      const present = store.known.get(id)?.state;
      if (!present) return;
      const { base, text } = store.drafts.get(id) ?? { base: present, text: present.text };
      store.edit(id, { base: { text: base.text, hash: base.hash }, text: edit(text === '' ? EMPTY : text) });
    },
    [configurations, id],
  );
  if (!known) return { configuration: null, error };
  return {
    configuration: {
      ...known,
      draft,
      text: draft?.text ?? known.state.text,
      change,
      discard: () => configurations.getState().discard(id),
      rebase: (text, base) => configurations.getState().edit(id, { base, text }),
    },
    error,
  };
}
