/** Reads a private key file a person named, and says in one word what is wrong with it. */
import { open } from 'node:fs/promises';
import { MusterError } from '../../shared/errors.ts';

/** `details.reason` of KEY_FILE_BAD. */
export type KeyFileFault =
  | 'missing'
  | 'unreadable'
  | 'not-a-key'
  | 'public-key'
  | 'passphrase-needed'
  | 'passphrase-wrong';

/** Private keys are a few kilobytes; a wrong path must not fill the memory. */
const MAX_KEY_BYTES = 64 * 1024;

/** The text of the key file. Throws KEY_FILE_BAD {path, reason}. */
export async function readKeyFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_KEY_BYTES + 1), 0, MAX_KEY_BYTES + 1, 0);
      if (bytesRead > MAX_KEY_BYTES) throw badKeyFile(path, 'not-a-key');
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (thrown instanceof MusterError) throw thrown;
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw badKeyFile(path, missing ? 'missing' : 'unreadable', thrown);
  }
}

/** The fault behind a message of the key parser. */
export function keyFaultOf(message: string): KeyFileFault {
  if (/no passphrase given/i.test(message)) return 'passphrase-needed';
  if (/passphrase|bad decrypt|integrity check/i.test(message)) return 'passphrase-wrong';
  return 'not-a-key';
}

/** KEY_FILE_BAD with its reason. */
export function badKeyFile(path: string, reason: KeyFileFault, cause?: unknown): MusterError {
  return new MusterError('KEY_FILE_BAD', `key file ${path}: ${reason}`, { path, reason }, cause);
}
