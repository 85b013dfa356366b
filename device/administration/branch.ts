/**
 * One child of a tree by its path: stop it, start it. Goes down as far as supervisors of this process reach; a child
 * that stands for a branch in another process takes the rest of the path and does the same there.
 */
import { MusterError } from '../../src/shared/errors.ts';
import type { Child } from '../otp/child.ts';
import type { Supervisor } from '../otp/supervisor.ts';

/** `stop` also cancels a coming restart; `start` is for a stopped or left-out child. Both are fine when it is so already. */
export type BranchDeed = 'stop' | 'start';

/** A child whose branch lives elsewhere. */
export interface RemoteBranch extends Child {
  /** Does it to the child at a path of ids below this one. */
  administer(path: string, deed: BranchDeed): Promise<void>;
}

/** Does it to the child at `path`, ids below `root`. Throws BAD_INPUT {refused} as the supervisor does. */
export async function administer(root: Supervisor, path: string, deed: BranchDeed): Promise<void> {
  const ids = path.split('/');
  const id = ids.at(-1) ?? '';
  const parent = ids.length === 1 ? root : root.find(ids.slice(0, -1).join('/'));
  if (parent && isSupervisor(parent)) {
    if (deed === 'stop') return parent.terminateChild(id);
    await startAgain(parent, id);
    return;
  }
  for (let depth = ids.length - 1; depth > 0; depth--) {
    const child = root.find(ids.slice(0, depth).join('/'));
    if (child && isRemote(child)) return child.administer(ids.slice(depth).join('/'), deed);
  }
  throw new MusterError('BAD_INPUT', `there is nothing at ${path}`, { field: 'path', refused: 'not_found' });
}

async function startAgain(parent: Supervisor, id: string): Promise<void> {
  try {
    await parent.restartChild(id);
  } catch (error) {
    if (!(error instanceof MusterError) || error.details['refused'] !== 'running') throw error;
  }
}

function isSupervisor(child: Child): child is Supervisor {
  return 'terminateChild' in child && 'restartChild' in child;
}

function isRemote(child: Child): child is RemoteBranch {
  return 'administer' in child;
}
