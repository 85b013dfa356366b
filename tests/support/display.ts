/** A display without a screen, for programs with windows. */
import { spawn, type ChildProcess } from 'node:child_process';

const START_MS = 15_000;
/** Two servers may pick one number at the same moment; one of them then ends. */
const ATTEMPTS = 3;

/** A running Xvfb and its number. End it with `kill`. */
export interface Display {
  number: string;
  kill: () => void;
}

/** Starts Xvfb on a number that is free. Throws with its last words when it does not come up. */
export async function startDisplay(): Promise<Display> {
  let complaint = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    child.stderr?.on('data', (data) => (complaint += String(data)));
    const number = await numberOf(child);
    if (number) return { number, kill: () => child.kill() };
    child.kill('SIGKILL');
  }
  throw new Error(`Xvfb did not come up: ${complaint}`);
}

/** What it writes once it listens; empty when it ended or took too long. */
function numberOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(''), START_MS);
    const settle = (number: string) => {
      clearTimeout(timer);
      resolve(number);
    };
    child.on('error', () => settle(''));
    child.on('close', () => settle(''));
    (child.stdio[3] as NodeJS.ReadableStream).once('data', (data) => settle(String(data).trim()));
  });
}
