/** The state of the engine and all links in one word, for the title bar. Pure. */
import type { DeviceRecord } from '../../src/shared/engine-contract.ts';
import type { EngineState } from '../engine.ts';
import type { Tone } from './device-state.ts';

/** `3 of 4 live`; the engine's own trouble comes first. */
export function linkSummary(
  phase: EngineState['phase'],
  devices: Iterable<DeviceRecord>,
): { tone: Tone; word: string; title: string } {
  if (phase === 'connecting')
    return { tone: 'unknown', word: 'Starting', title: 'Connecting to the engine on this laptop.' };
  if (phase === 'lost')
    return {
      tone: 'bad',
      word: 'Engine stopped',
      title: 'The engine on this laptop stopped and is being started again.',
    };
  const installed = [...devices].filter((device) => device.installed && device.mine);
  const live = installed.filter(({ link }) => link.state === 'live' || link.state === 'catching-up').length;
  if (installed.length === 0)
    return { tone: 'unknown', word: 'No links', title: 'Muster is not installed on any device of yours.' };
  const all = live === installed.length;
  return {
    tone: all ? 'good' : 'attention',
    word: all ? `${live} live` : `${live} of ${installed.length} live`,
    title: `${live} of your ${installed.length} devices with Muster are connected.`,
  };
}
