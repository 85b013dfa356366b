/** What the device says is wrong with a text, asked while one types. */
import { useEffect, useState } from 'react';
import type { ConfigurationProblem } from '../../../src/shared/device-configuration-calls.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { readYaml } from '../../../src/shared/yaml-edit.ts';
import { pageClock } from '../../page-clock.ts';
import { useCalls } from '../../stores/muster.tsx';

/** A pause in typing before the device is asked: it loads every driver for an answer. */
const PAUSE_MS = 600;

export interface Check {
  problems: readonly ConfigurationProblem[];
  /** `waiting`: they are those of a text before this one; `unasked`: the device is not connected. */
  state: 'waiting' | 'checked' | 'unasked';
  error: WireError | null;
}

interface Answer {
  text: string;
  problems: readonly ConfigurationProblem[];
  error: WireError | null;
}

/** Checks `text` on `device` while `linked`. What cannot be read at all is told without asking. */
export function useCheck(device: string, text: string | null, linked: boolean): Check {
  const call = useCalls();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const broken = text === null ? null : readYaml(text).problem;
  const asks = linked && text !== null && !broken;
  useEffect(() => {
    if (!asks) return;
    let open = true;
    const cancel = pageClock.after(PAUSE_MS, () => {
      void call['config.check']({ device, text })
        .then(({ problems }) => ({ text, problems, error: null }))
        .catch((thrown: unknown) => ({ text, problems: [], error: errorToWire(thrown) }))
        .then((got) => {
          if (open) setAnswer(got);
        });
    });
    return () => {
      open = false;
      cancel();
    };
  }, [asks, call, device, text]);
  if (broken) return { problems: [{ ...broken, path: '' }], state: 'checked', error: null };
  const { problems = [], error = null } = answer ?? {};
  if (!linked) return { problems, state: 'unasked', error: null };
  return { problems, state: answer?.text === text ? 'checked' : 'waiting', error };
}
