/**
 * Runs a script that waits on the device with the rights it needs. The sudo password goes to sudo's standard
 * input and nowhere else: not into an argument, a file, a log or an error.
 */
import { MusterError, isErrorCode, type ErrorCode } from '../../shared/errors.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { shellQuote } from './shell-quote.ts';

export interface PrivilegedRun {
  /** Path of the script on the device. */
  script: string;
  /** How root is reached; `none` runs it as the login user. */
  privileged: 'root' | 'sudo' | 'sudo-password' | 'none';
  sudoPassword: string | null;
  /** Called with the words after each `@` of a line the script reports. */
  onReport: (words: string[]) => void;
  signal?: AbortSignal | undefined;
}

/** Long enough for a slow card to unpack 120 MB, ms. */
const TIMEOUT_MS = 10 * 60_000;

/**
 * Runs it. Throws SUDO_PASSWORD_NEEDED, SUDO_PASSWORD_WRONG, the code the script failed with, DISK_FULL when its
 * words say so, INSTALL_STEP_FAILED, CONNECTION_LOST, CANCELLED, TIMEOUT.
 */
export async function runPrivileged(connection: SshConnection, run: PrivilegedRun): Promise<void> {
  const { script, privileged, sudoPassword, signal } = run;
  if (privileged === 'sudo-password' && sudoPassword === null)
    throw new MusterError('SUDO_PASSWORD_NEEDED', 'sudo on the device asks for a password');
  let begun = false;
  let ended = false;
  let failure: ErrorCode | null = null;
  const { code, stderr } = await connection.exec(`${sudo(privileged)}sh ${shellQuote(script)}`, {
    stdin: privileged === 'sudo-password' ? `${sudoPassword}\n` : '',
    signal,
    timeoutMs: TIMEOUT_MS,
    onLine(line) {
      if (!line.startsWith('@')) return;
      const words = line.slice(1).trim().split(' ');
      if (words[0] === 'begin') begun = true;
      else if (words[0] === 'end') ended = true;
      else if (words[0] === 'fail') failure = isErrorCode(words[1]) ? words[1] : 'INSTALL_STEP_FAILED';
      else run.onReport(words);
    },
  });
  if (ended && code === 0) return;
  if (!begun && privileged.startsWith('sudo')) throw sudoError(stderr);
  const reason = stderr.trim().slice(-1000);
  const full = /no space left|disk quota/i.test(stderr);
  const thrown: ErrorCode = full ? 'DISK_FULL' : (failure ?? 'INSTALL_STEP_FAILED');
  throw new MusterError(thrown, `on the device: ${reason || `exit ${code}`}`, { reason });
}

/**
 * Tries the password before anything long is begun. Throws as runPrivileged does; does nothing where no password
 * is asked for.
 */
export async function checkSudo(
  connection: SshConnection,
  { privileged, sudoPassword, signal }: Pick<PrivilegedRun, 'privileged' | 'sudoPassword' | 'signal'>,
): Promise<void> {
  if (privileged !== 'sudo-password') return;
  if (sudoPassword === null)
    throw new MusterError('SUDO_PASSWORD_NEEDED', 'sudo on the device asks for a password');
  const { code, stderr } = await connection.exec(`${sudo(privileged)}true`, {
    stdin: `${sudoPassword}\n`,
    signal,
    timeoutMs: 30_000,
  });
  if (code !== 0) throw sudoError(stderr);
}

/** `-k` makes sudo ask although it remembers: else the password line would be left for the script to read. */
function sudo(privileged: PrivilegedRun['privileged']): string {
  if (privileged === 'sudo') return 'LC_ALL=C sudo -n -- ';
  if (privileged === 'sudo-password') return "LC_ALL=C sudo -k -S -p '' -- ";
  return '';
}

function sudoError(stderr: string): MusterError {
  const reason = stderr.trim().slice(-300);
  if (/not in the sudoers|not allowed|may not run/i.test(stderr))
    return new MusterError('INSTALL_STEP_FAILED', `sudo: ${reason}`, { reason });
  if (/a password is required|no tty present/i.test(stderr))
    return new MusterError('SUDO_PASSWORD_NEEDED', `sudo: ${reason}`, { reason });
  return new MusterError('SUDO_PASSWORD_WRONG', `sudo: ${reason}`, { reason });
}
