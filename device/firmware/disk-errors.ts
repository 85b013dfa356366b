/** What the file system's refusals mean in the words of firmware. */
import { MusterError } from '../../src/shared/errors.ts';

/** True for an error of a system call, whatever it was. */
export function isSystemError(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'syscall' in thrown;
}

/** DISK_FULL {path} for a full disk or a spent quota; everything else as it came. */
export function diskError(thrown: unknown, path: string): unknown {
  if (!isSystemError(thrown) || (thrown.code !== 'ENOSPC' && thrown.code !== 'EDQUOT')) return thrown;
  return new MusterError('DISK_FULL', `no room for ${path}`, { path, reason: 'its disk is full' }, thrown);
}
