/** A person's laptop in the lab: the command line in real processes, on folders of their own. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newHome, runMuster, startScript, stop, type Ran } from '../support/run-muster.ts';
import { until } from '../support/until.ts';
import { rowsOf, type Row } from './readings.ts';

const EXPORT_MS = 600_000;

export class Laptop {
  readonly #home = newHome();
  /** How the device is reached: `127.0.0.1:2222`. */
  readonly #host: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(host: string) {
    this.#host = host;
    // readings keep the times that the device gave them, so that exports can be compared
    this.env = { ...this.#home.env, MUSTER_OFFER_TIME: 'no', MUSTER_SITE: join(this.#home.folder, 'site') };
  }

  get folder(): string {
    return this.#home.folder;
  }

  /** Another site on the same laptop: knows nothing yet, but has the same key. */
  elsewhere(): Laptop {
    const other = new Laptop(this.#host);
    Object.assign(other.env, this.env, { MUSTER_SITE: join(this.folder, `site-${Math.random()}`) });
    return other;
  }

  /** Runs `muster …` to its end; `HOST` stands for the device. Throws with its words unless it ends well. */
  async run(args: string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, input);
    if (code !== 0) throw new Error(`muster ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
    return stdout;
  }

  /** The same where failing is an answer. */
  try(args: string[], input = ''): Promise<Ran> {
    return runMuster(this.#args(args), this.env, input);
  }

  /** The one JSON value that a command with --json prints. */
  async json<T>(args: string[], input = ''): Promise<T> {
    return JSON.parse(await this.run(['--json', ...args], input)) as T;
  }

  start(args: string[]): ChildProcess {
    return startScript('src/build/muster.ts', this.#args(args), this.env);
  }

  /** Fetches all that the device has, and gives it as exported; again while it says that a slow device did not answer in time. */
  async export(): Promise<Row[]> {
    const out = join(this.folder, 'readings.csv');
    const whole = async (): Promise<boolean> => {
      const { code, stdout, stderr } = await this.try(['export', '--out', out]);
      if (code !== 0) throw new Error(`muster export ended with ${code}:\n${stderr}${stdout}`);
      return !stderr.includes('does not answer');
    };
    await until(whole, 'an export with the newest readings in it', EXPORT_MS);
    return rowsOf(readFileSync(out, 'utf8'));
  }

  /** Watches until told to stop; gives what it printed. */
  watch(): { seen: () => number; stop: () => Promise<{ at: string; sensor: string; channel: string }[]> } {
    const child = this.start(['--json', 'watch', 'HOST']);
    let text = '';
    child.stdout?.on('data', (data) => (text += String(data)));
    const lines = (): string[] => text.split('\n').slice(0, -1);
    return {
      seen: () => lines().length,
      async stop() {
        await stop(child);
        return lines().map((line) => JSON.parse(line) as { at: string; sensor: string; channel: string });
      },
    };
  }

  remove(): void {
    this.#home.remove();
  }

  #args(args: string[]): string[] {
    return args.map((arg) => (arg === 'HOST' ? this.#host : arg));
  }
}
