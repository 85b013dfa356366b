/** What a push would do on each chosen device, asked anew when the choice changes. */
import { useEffect, useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import type { EngineClient } from '../../engine.ts';
import { useCalls } from '../../stores/muster.tsx';

export type PushPreview = Awaited<ReturnType<EngineClient['call']['campaign.preview']>>;
export type PreviewRow = PushPreview['rows'][number];

/** Typing a path or choosing devices asks once, not at each key. */
const REST_MS = 300;

/** `pending` while the shown preview is of an earlier choice. `path` empty: nothing to ask. */
export function usePushPreview(path: string, devices: string[]) {
  const call = useCalls();
  const key = path === '' ? null : JSON.stringify({ path, devices });
  const [answer, setAnswer] = useState<{
    key: string;
    preview: PushPreview | null;
    error: WireError | null;
  }>();
  useEffect(() => {
    if (key === null) return;
    let current = true;
    const timer = setTimeout(() => {
      call['campaign.preview'](JSON.parse(key) as { path: string; devices: string[] })
        .then((preview) => current && setAnswer({ key, preview, error: null }))
        .catch((thrown: unknown) => current && setAnswer({ key, preview: null, error: errorToWire(thrown) }));
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [call, key]);
  if (key === null) return { preview: null, error: null, pending: false };
  return { preview: answer?.preview ?? null, error: answer?.error ?? null, pending: answer?.key !== key };
}
