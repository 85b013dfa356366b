/** Ends children in the way their specs say: asked and waited for, then killed; or killed at once. */
import type { Clock } from '../../src/shared/time.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { type Child, type ExitReason, type ShutdownTime } from './child.ts';

/** A killed child that gives no sign of its end in this time is given up, so that nothing can hang a supervisor. */
export const ABANDON_AFTER_MS = 5000;

/** Ends all `children` at the same time under one time limit; reasons in their order. Never rejects. */
export async function endChildren(
  children: readonly Child[],
  shutdown: ShutdownTime,
  clock: Clock,
): Promise<ExitReason[]> {
  if (shutdown === 'brutal_kill') return await killChildren(children, clock);
  for (const child of children) child.shutdown();
  const reasons = await within(children, shutdown === 'infinity' ? null : shutdown, clock);
  const late = children.filter((_, i) => reasons[i] === undefined);
  const killed = await killChildren(late, clock);
  return reasons.map((reason) => reason ?? (killed.shift() as ExitReason));
}

/** Kills all `children` and waits for their ends. */
export async function killChildren(children: readonly Child[], clock: Clock): Promise<ExitReason[]> {
  if (children.length === 0) return [];
  for (const child of children) child.kill();
  const reasons = await within(children, ABANDON_AFTER_MS, clock);
  return reasons.map((reason) => reason ?? { kind: 'error', error: unkillable() });
}

/** The end of a child; a rejected `exited` is an error exit. */
export function exitOf(child: Child): Promise<ExitReason> {
  return child.exited.then(undefined, (error: unknown): ExitReason => ({ kind: 'error', error }));
}

async function within(
  children: readonly Child[],
  limitMs: number | null,
  clock: Clock,
): Promise<(ExitReason | undefined)[]> {
  const reasons = Array.from<ExitReason | undefined>({ length: children.length });
  await new Promise<void>((resolve) => {
    let open = children.length;
    if (open === 0) return resolve();
    const cancel = limitMs === null ? null : clock.after(limitMs, resolve);
    children.forEach((child, i) => {
      void exitOf(child).then((reason) => {
        reasons[i] = reason;
        if (--open > 0) return;
        cancel?.();
        resolve();
      });
    });
  });
  // A copy: who ends later must not change what was seen.
  return [...reasons];
}

function unkillable(): MusterError {
  return new MusterError('TIMEOUT', `gave no sign of its end ${ABANDON_AFTER_MS} ms after being killed`, {
    ms: ABANDON_AFTER_MS,
  });
}
