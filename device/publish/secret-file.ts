/** Reads what the configuration names by its file. Refuses a secret that others can read. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MusterError } from '../../src/shared/errors.ts';

const MAX_BYTES = 65_536;

/**
 * The text of a secret `file`, without the line end that editors leave. A relative path begins at `folder`. `field`: what
 * names it in the configuration. Throws CONFIG_INVALID {path} in words that say what to do, also when others may read it.
 */
export function readSecret(field: string, file: string, folder: string): string {
  return read(field, file, folder, true).replace(/\r?\n$/, '');
}

/** The same for what is no secret. */
export function readText(field: string, file: string, folder: string): string {
  return read(field, file, folder, false);
}

function read(field: string, file: string, folder: string, isSecret: boolean): string {
  const path = resolve(folder, file);
  const wrong = (message: string, cause?: unknown) =>
    new MusterError('CONFIG_INVALID', `${field}: ${path} ${message}`, { path }, cause);
  try {
    const { mode, size } = statSync(path);
    if (isSecret && (mode & 0o077) !== 0)
      throw wrong(`can be read by others; run chmod 600 ${path} so that only the daemon can`);
    if (size > MAX_BYTES) throw wrong(`is over ${MAX_BYTES} bytes`);
    const text = readFileSync(path, 'utf8');
    if (text.trim() === '') throw wrong('is empty');
    return text;
  } catch (thrown) {
    if (thrown instanceof MusterError) throw thrown;
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw wrong('is missing; put it there, for the account of the daemon', thrown);
    if (code === 'EACCES')
      throw wrong('cannot be read by the account of the daemon; give it to that account', thrown);
    throw wrong(`cannot be read: ${message}`, thrown);
  }
}

/** Headers of a file with lines of `Name: value`. Throws CONFIG_INVALID {path}; no value is ever quoted. */
export function parseHeaders(field: string, text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    // token and field-content of RFC 9110, sections 5.1 and 5.5
    const match = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(line);
    if (!match) throw new MusterError('CONFIG_INVALID', `${field}: line ${i + 1} is not "Name: value"`, {});
    headers[String(match[1]).toLowerCase()] = String(match[2]).trimEnd();
  }
  return headers;
}
