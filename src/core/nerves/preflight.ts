/**
 * Whether a device will take a firmware, told before hundreds of megabytes are sent. fwup carries out the first upgrade
 * task whose requirements all hold, so the same is reckoned here from the file's own tasks. Pure: what the tasks want
 * to know is asked by `questions` and answered by the caller; what stays unknown is left to the device.
 */
import { MusterError } from '../../shared/errors.ts';
import type { FwFile } from './fw-file.ts';
import type { NervesFacts } from './identify.ts';
import type { UpgradeTask } from './meta-conf.ts';

/** What the requirements of the file's tasks ask of a device. */
export interface Questions {
  /** Names in the key-value store. */
  kv: string[];
  /** Partitions, counted from 1. */
  partitions: number[];
}

/** A value of null: the device has none; absent: not known. */
export interface Answers {
  kv: ReadonlyMap<string, string | null>;
  /** First block of a partition. */
  partitions: ReadonlyMap<number, number>;
}

export interface Preflight {
  verdict: 'update' | 'downgrade' | 'current' | 'trial';
  rollsBack: 'yes' | 'no' | 'unknown';
  /** In words, null when there is nothing to warn of. */
  warning: string | null;
}

const MAX_QUESTIONS = 40;
const BLOCK = 512;

export function questions({ upgrades }: Pick<FwFile, 'upgrades'>): Questions {
  const all = upgrades.flatMap(({ requirements }) => requirements);
  const of = (name: string, at: number) => all.filter(([is]) => is === name).map((words) => words[at] ?? '');
  return {
    kv: [...new Set(of('require-uboot-variable', 2))].slice(0, MAX_QUESTIONS),
    // fwup counts partitions from 0
    partitions: [...new Set(of('require-partition-offset', 1).map((index) => Number(index) + 1))]
      .filter((index) => Number.isInteger(index) && index >= 1 && index <= 128)
      .slice(0, MAX_QUESTIONS),
  };
}

/**
 * What would come of it. `signed`: whether one of the signatures is good by a key of this laptop.
 * Throws FIRMWARE_MISFIT {device, reason}, DISK_FULL, REFUSED {device, reason} (not confirmed yet), UNSUPPORTED.
 */
export function preflight(
  device: string,
  fw: Pick<FwFile, 'uuid' | 'meta' | 'upgrades' | 'mediaBlocks' | 'signature'>,
  { facts, answers, signed }: { facts: NervesFacts; answers: Answers; signed: boolean },
): Preflight {
  if (facts.uuid === fw.uuid)
    return {
      verdict: facts.validation === 'unvalidated' ? 'trial' : 'current',
      rollsBack: facts.rollback,
      warning: null,
    };
  const misfit = (reason: string) =>
    new MusterError('FIRMWARE_MISFIT', `${device}: ${reason}`, { device, reason });
  if (facts.devpath === null)
    throw new MusterError('UNSUPPORTED', `${device}: no nerves_fw_devpath`, {
      device,
      reason: 'it does not say where its firmware lies',
    });
  for (const [what, ours] of [
    ['platform', facts.platform],
    ['architecture', facts.architecture],
  ] as const)
    if (ours !== null && ours !== fw.meta[what])
      throw misfit(`the device is ${ours}, the firmware for ${fw.meta[what]}`);
  if (facts.validation === 'unvalidated')
    throw new MusterError('REFUSED', `${device}: running firmware is not validated`, {
      device,
      reason: 'what it runs now is itself on trial and not confirmed yet',
    });
  if (facts.mediaBlocks !== null && fw.mediaBlocks > facts.mediaBlocks)
    throw new MusterError('DISK_FULL', `${device}: its medium is too small`, {
      device,
      needed: fw.mediaBlocks * BLOCK,
      free: facts.mediaBlocks * BLOCK,
    });

  const task = chosenTask(fw.upgrades, facts, answers);
  if (task === 'none') throw misfit('none of its ways of updating suits what the device runs');
  const message = task && refusalOf(task);
  if (message) throw misfit(message);
  // 2.x files for Raspberry Pi: these lay out the card anew when the device still is on 1.x
  const oneWay = task?.name.startsWith('upgrade.old') ?? false;
  const warnings = [
    ...(oneWay ? ['it divides the card anew: there is no way back to the old version'] : []),
    ...(signed
      ? []
      : [fw.signature === null ? 'unsigned' : 'signed by a key that this laptop does not know']),
  ];
  return {
    verdict: isOlder(fw.meta['version'] ?? '', facts.version ?? '') ? 'downgrade' : 'update',
    rollsBack: oneWay ? 'no' : trialOf(task === null ? fw.upgrades : [task]),
    warning: warnings.length > 0 ? warnings.join('; ') : null,
  };
}

/** The task that fwup would choose, null when that cannot be known, `none` when it surely finds none. */
export function chosenTask(
  tasks: readonly UpgradeTask[],
  facts: Pick<NervesFacts, 'rootOffset'>,
  answers: Answers,
): UpgradeTask | null | 'none' {
  const possible: UpgradeTask[] = [];
  for (const task of tasks) {
    const holds = new Set(task.requirements.map((words) => requirementHolds(words, facts, answers)));
    if (holds.has(false)) continue;
    possible.push(task);
    if (!holds.has(null)) break;
  }
  if (possible.length === 0) return 'none';
  const refusing = possible.every((task) => refusalOf(task) !== null);
  return possible.length === 1 || refusing ? possible[0]! : null;
}

function requirementHolds(
  [name, ...args]: string[],
  facts: Pick<NervesFacts, 'rootOffset'>,
  { kv, partitions }: Answers,
): boolean | null {
  const is = (actual: unknown, wanted: unknown) => (actual === undefined ? null : actual === wanted);
  if (name === 'require-uboot-variable') {
    const value = kv.get(args[1] ?? '');
    return is(value, args[2]);
  }
  if (name === 'require-partition-offset') return is(partitions.get(Number(args[0]) + 1), Number(args[1]));
  if (name === 'require-path-at-offset' && args[0] === '/')
    return is(facts.rootOffset ?? undefined, Number(args[1]));
  return null;
}

/** What a task that only refuses says. */
function refusalOf({ name, actions }: UpgradeTask): string | null {
  const error = actions.find(([action]) => action === 'error');
  if (error) return error[1] ?? name;
  return /unexpected|wrongplatform/.test(name) ? `it ends in ${name}` : null;
}

/** Whether these tasks leave the new slot on trial: one boot of it by tryboot, or none at all. */
function trialOf(tasks: readonly UpgradeTask[]): Preflight['rollsBack'] {
  const answers = tasks
    .filter((task) => refusalOf(task) === null)
    .map(({ actions }): Preflight['rollsBack'] => {
      if (actions.some(([action, value]) => action === 'reboot_param' && value?.includes('tryboot')))
        return 'yes';
      const set = actions.filter(
        ([action, , name]) => action === 'uboot_setenv' && name?.endsWith('nerves_fw_validated'),
      );
      return set.some((words) => words[3] === '1') || actions.some(([action]) => action === 'mbr_write')
        ? 'no'
        : 'unknown';
    });
  const [first = 'unknown'] = answers;
  return answers.every((answer) => answer === first) ? first : 'unknown';
}

/** By numbers between dots; versions that are not of that form are never older. */
function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => /^v?(\d+(?:\.\d+)*)/.exec(text)?.[1]?.split('.').map(Number);
  const a = numbers(version);
  const b = numbers(than);
  if (!a || !b) return false;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
