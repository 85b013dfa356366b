/** What a choice would come to, asked of the engine a moment after every change of it. */
import { useEffect, useState } from 'react';
import { errorToWire, type WireError } from '../../src/shared/errors.ts';
import type { EngineClient } from '../engine.ts';
import { useCalls } from '../stores/muster.tsx';

type Calls = EngineClient['call'];
type Foretold = 'campaign.preview' | 'export.preview';
export type Choice<Name extends Foretold> = Parameters<Calls[Name]>[0];
export type Preview<Name extends Foretold> = Awaited<ReturnType<Calls[Name]>>;

/** Typing asks once, not at each key, ms. */
const REST_MS = 300;

/** `choice` null: nothing to ask. What is shown is of an earlier choice while `pending`, and where there is none now. */
export function usePreview<Name extends Foretold>(name: Name, choice: Choice<Name> | null) {
  const call = useCalls();
  const key = choice === null ? null : JSON.stringify(choice);
  const [answer, setAnswer] = useState<{
    key: string;
    preview: Preview<Name> | null;
    error: WireError | null;
  }>();
  useEffect(() => {
    if (key === null) return;
    let current = true;
    const ask = call[name] as (choice: Choice<Name>) => Promise<Preview<Name>>;
    const timer = setTimeout(() => {
      ask(JSON.parse(key) as Choice<Name>)
        .then((preview) => current && setAnswer({ key, preview, error: null }))
        .catch((thrown: unknown) => current && setAnswer({ key, preview: null, error: errorToWire(thrown) }));
    }, REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [call, name, key]);
  const pending = key !== null && answer?.key !== key;
  return { preview: answer?.preview ?? null, error: answer?.error ?? null, pending };
}
