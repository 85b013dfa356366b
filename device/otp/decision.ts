/** What an exit means, as pure rules: restart type × exit reason × strategy × significance. */
import type { ExitReason, RestartType } from './child.ts';
import type { AutoShutdown, Strategy } from './supervisor-spec.ts';

/** `restart` it, `keep` its spec without a child, or `forget` it. */
export type Fate = 'restart' | 'keep' | 'forget';

/** True for `killed` and `error`. */
export function isFault(reason: ExitReason): boolean {
  return reason.kind === 'killed' || reason.kind === 'error';
}

/** What becomes of a child that ended by itself. Dynamic children have no spec of their own to keep. */
export function fateAfter(restart: RestartType, reason: ExitReason, strategy: Strategy): Fate {
  if (restart === 'permanent') return 'restart';
  if (restart === 'transient' && isFault(reason)) return 'restart';
  return restart === 'transient' && strategy !== 'simple_one_for_one' ? 'keep' : 'forget';
}

/** Whether the end of a child (by itself, not restarted) ends its supervisor. `othersUp`: significant siblings not ended. */
export function endsSupervisor(
  autoShutdown: AutoShutdown,
  significant: boolean,
  othersUp: () => boolean,
): boolean {
  if (!significant || autoShutdown === 'never') return false;
  return autoShutdown === 'any_significant' || !othersUp();
}

/** The children, in start order, that have to be stopped and started again when `failed` is restarted. */
export function restartScope<T>(strategy: Strategy, inOrder: Iterable<T>, failed: T): T[] {
  switch (strategy) {
    case 'one_for_one':
    case 'simple_one_for_one':
      return [failed];
    case 'one_for_all':
      return [...inOrder];
    case 'rest_for_one': {
      const all = [...inOrder];
      return all.slice(all.indexOf(failed));
    }
  }
}

/** True when the restart of one child never touches another, so that their starts need not wait for each other. */
export function isIndependent(strategy: Strategy): boolean {
  return strategy === 'one_for_one' || strategy === 'simple_one_for_one';
}
