/**
 * When the daemon starts with its drivers off. Pure.
 * A life is young until it has lasted STEADY_AFTER_MS, and has failed when it ended young without having been asked
 * to end. After SAFE_AFTER failed lives in a row the next one is in safe mode. A new boot of the machine begins
 * afresh: a power cut is no fault of the daemon, and switching off and on is a way out that everybody knows.
 */

/** What the file says about the newest life. */
export interface LifeRecord {
  /** The kernel's id of the boot it began in. */
  boot: string;
  /** Failed lives in a row before it. */
  failures: number;
  life: 'young' | 'steady' | 'ended';
}

export type Mode = 'normal' | 'safe';

/** A life that lasted so long has not failed, ms. */
export const STEADY_AFTER_MS = 60_000;
/** Failed lives in a row before the drivers stay off. */
export const SAFE_AFTER = 5;

export function modeOf({ failures }: LifeRecord): Mode {
  return failures >= SAFE_AFTER ? 'safe' : 'normal';
}

/** The record of a life that begins now. `before` is null when nothing is known. */
export function born(before: LifeRecord | null, boot: string): LifeRecord {
  return { boot, failures: before?.boot === boot ? failuresAfter(before) : 0, life: 'young' };
}

function failuresAfter({ life, failures }: LifeRecord): number {
  if (life === 'ended') return 0;
  return life === 'young' ? Math.min(failures + 1, SAFE_AFTER) : failures;
}

/** The record once the life has lasted. One in safe mode proves nothing about the drivers: it keeps its count. */
export function steadied(record: LifeRecord): LifeRecord {
  return { ...record, life: 'steady', failures: modeOf(record) === 'safe' ? record.failures : 0 };
}

/** The record of a life that ended as it was asked to. */
export function ended(record: LifeRecord): LifeRecord {
  return { ...record, life: 'ended', failures: 0 };
}

/** The record after a person has left safe mode: the life counts as begun now. */
export function left(record: LifeRecord): LifeRecord {
  return { ...record, life: 'young', failures: 0 };
}
