/** The folder of the login user on a device where files wait to be put in place. It outlives a cut. */
import { MusterError } from '../../shared/errors.ts';
import type { SshConnection, Upload } from '../ssh/connection.ts';
import { shellQuote } from './shell-quote.ts';

export class Staging {
  readonly #connection: SshConnection;
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  /** Hash by name, of what an earlier try left whole. */
  readonly #there: ReadonlyMap<string, string>;

  private constructor(
    connection: SshConnection,
    folder: string,
    there: ReadonlyMap<string, string>,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#folder = folder;
    this.#there = there;
    this.#signal = signal;
  }

  /** Makes the folder, for its owner only, and sees what it holds. Throws DISK_FULL, INSTALL_STEP_FAILED. */
  static async open(connection: SshConnection, folder: string, signal?: AbortSignal): Promise<Staging> {
    const quoted = shellQuote(folder);
    // Somebody else's folder of that name (in a place all may write to) is not taken.
    const script = `umask 077; mkdir -p ${quoted} && [ -O ${quoted} ] && chmod 700 ${quoted} && cd ${quoted} && { sha256sum *.gz *.mjs 2>/dev/null; true; }`;
    const { code, stdout, stderr } = await connection.exec(`sh -c ${shellQuote(script)}`, {
      signal,
      timeoutMs: 120_000,
    });
    if (code !== 0) {
      const reason = stderr.trim().slice(0, 300) || `${folder} belongs to somebody else`;
      throw new MusterError(/no space left/i.test(stderr) ? 'DISK_FULL' : 'INSTALL_STEP_FAILED', reason, {
        path: folder,
        reason,
      });
    }
    const rows = [...stdout.matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm)];
    return new Staging(connection, folder, new Map(rows.map((row) => [row[2] ?? '', row[1] ?? ''])), signal);
  }

  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Uploads unless the very same content waits already. */
  async send(
    from: string | Uint8Array,
    name: string,
    options: Pick<Upload, 'sha256' | 'onProgress'> = {},
  ): Promise<void> {
    if (options.sha256 !== undefined && this.#there.get(name) === options.sha256) return;
    await this.#connection.upload(from, this.path(name), { ...options, signal: this.#signal });
  }

  /** Removes the folder with all that waits in it. */
  async remove(): Promise<void> {
    await this.#connection.exec(`rm -rf ${shellQuote(this.#folder)}`, { timeoutMs: 30_000 });
  }
}
