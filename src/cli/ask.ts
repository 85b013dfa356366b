/** Questions to the person at the terminal. A password is not echoed, and never comes from an argument. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { MusterError } from '../shared/errors.ts';

/** True when there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

async function readLine(prompt: string, echo: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(prompt);
  const reader = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silent,
    terminal: process.stdin.isTTY,
  });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    if (!echo) process.stderr.write('\n');
  }
}

/** True when the person types y or yes. */
export async function askYes(question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test((await readLine(`${question} [y/N] `, true)).trim());
}

/** Throws CANCELLED unless the person says yes; `yes`: it was said beforehand. Throws BAD_INPUT with nobody to ask. */
export async function consent(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!canAsk()) throw new MusterError('BAD_INPUT', 'nobody is there to ask: say --yes', { field: '--yes' });
  if (!(await askYes(question))) throw new MusterError('CANCELLED', 'left as it is');
}

/** A password typed without echo. */
export function askPassword(question: string): Promise<string> {
  return readLine(`${question}: `, false);
}

/** The first line of standard input, for --password-stdin. */
export async function readPasswordLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
