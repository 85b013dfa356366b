/** What is logged when the journal could not simply be opened. */
import type { Log } from '../../src/shared/log.ts';
import type { Recovery } from './opening.ts';

export function tellRecovery(recovery: Recovery | null, log: Log): void {
  if (!recovery) return;
  const { why, aside, kept, lost } = recovery;
  if (why === 'newer')
    log('warn', 'the journal is of a newer daemon: left alone, a new one begun beside it', { aside });
  else log('error', 'the journal was broken: put aside, what was good in it is kept', { aside, kept, lost });
}
