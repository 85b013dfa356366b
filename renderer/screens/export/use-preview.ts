/** What the file would hold, asked again a moment after every change of the choice. */
import { useEffect, useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import type { EngineClient } from '../../engine.ts';
import { useCalls } from '../../stores/muster.tsx';

export type ExportChoice = Parameters<EngineClient['call']['export.preview']>[0];
export type ExportPreview = Awaited<ReturnType<EngineClient['call']['export.preview']>>;

/** Typing in a date asks once, not at each key. */
const REST_MS = 250;

/** `pending` while the shown preview is of an earlier choice. `choice` null: nothing to ask. */
export function usePreview(choice: ExportChoice | null) {
  const call = useCalls();
  const key = JSON.stringify(choice);
  const [answer, setAnswer] = useState<{
    key: string;
    preview: ExportPreview | null;
    error: WireError | null;
  }>();
  useEffect(() => {
    if (key === 'null') return;
    let current = true;
    const timer = setTimeout(() => {
      call['export.preview'](JSON.parse(key) as ExportChoice)
        .then((preview) => current && setAnswer({ key, preview, error: null }))
        .catch((thrown: unknown) => current && setAnswer({ key, preview: null, error: errorToWire(thrown) }));
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [call, key]);
  return { preview: answer?.preview ?? null, error: answer?.error ?? null, pending: answer?.key !== key };
}
