/** How system drivers ask the machine: a number in a file, and the error when it is not there. */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Machine } from '../../platform/machine.ts';

/** Text of a file that must be there. Throws BUS_MISSING naming it. */
export function needText(machine: Machine, path: string): string {
  return there(machine.text(path), path);
}

function there(text: string | null, path: string): string {
  if (text === null) throw new MusterError('BUS_MISSING', `/${path} cannot be read`, { path: `/${path}` });
  return text;
}

/** Number in a file that must be there and be one. Throws BUS_MISSING, or BAD_REPLY when it is no number. */
export function needNumber(machine: Machine, path: string): number {
  return asNumber(needText(machine, path), path);
}

/** The same of a file behind which the kernel asks a chip. */
export async function needNumberSlowly(machine: Machine, path: string): Promise<number> {
  return asNumber(there(await machine.textSlowly(path), path), path);
}

/** `text` as a finite number. Throws BAD_REPLY naming `path`. */
export function asNumber(text: string | undefined, path: string): number {
  const value = text ? Number(text) : Number.NaN;
  if (!Number.isFinite(value))
    throw new MusterError('BAD_REPLY', `/${path} holds no number`, { path: `/${path}` });
  return value;
}
