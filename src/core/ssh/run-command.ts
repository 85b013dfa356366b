/** Runs one command on an open exec channel and gathers what it printed, within limits. */
import { StringDecoder } from 'node:string_decoder';
import type { Duplex, Readable } from 'node:stream';
import { MusterError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';

/** What a command did. `code` null: a signal ended it. */
export interface ExecResult {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  /** Written to the command's standard input, which is then closed. Never logged. */
  stdin?: string | Uint8Array | undefined;
  signal?: AbortSignal | undefined;
  /** Ends the command with TIMEOUT, ms. */
  timeoutMs?: number | undefined;
  /** More output than this, of either kind, ends the command with BAD_REPLY. Default 4 MiB. */
  maxOutputBytes?: number | undefined;
  /** Called with each whole line of standard output as it comes. */
  onLine?: ((line: string) => void) | undefined;
  /**
   * Leaves standard input open until the command has told its exit. Erlang's server sends that after the end of its
   * output, and not at all to a channel that was closed in between.
   */
  keepInput?: boolean | undefined;
}

/** The part of an SSH exec channel that is used here. */
export interface ExecChannel extends Duplex {
  readonly stderr: Readable;
  signal(name: string): void;
  close(): void;
}

const DEFAULT_MAX_OUTPUT = 4 * 1024 * 1024;

/** Waits for the command to end. Throws CANCELLED, TIMEOUT, BAD_REPLY (too much output), CONNECTION_LOST. */
export function runCommand(channel: ExecChannel, options: ExecOptions, clock: Clock): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const max = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT;
    const out = collect(channel, options.onLine);
    const err = collect(channel.stderr);
    let exit: { code: number | null; signal: string | null } | undefined;

    const settle = (error: MusterError | null, result?: ExecResult) => {
      cancelTimer();
      options.signal?.removeEventListener('abort', onAbort);
      channel.removeAllListeners('data').resume();
      channel.stderr.removeAllListeners('data').resume();
      if (error) {
        // OpenSSH passes the signal on since 7.9; closing alone would leave a silent command running.
        channel.signal('TERM');
        channel.close();
        reject(error);
      } else if (result) resolve(result);
    };
    const onAbort = () => settle(new MusterError('CANCELLED', 'cancelled'));
    const cancelTimer =
      options.timeoutMs === undefined
        ? () => {}
        : clock.after(options.timeoutMs, () =>
            settle(new MusterError('TIMEOUT', `the command did not end in ${options.timeoutMs} ms`)),
          );
    const limit = () => {
      if (out.bytes() > max || err.bytes() > max)
        settle(new MusterError('BAD_REPLY', `the command printed more than ${max} bytes`));
    };
    channel.on('data', limit);
    channel.stderr.on('data', limit);
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { code, signal: signal ?? null };
      if (options.keepInput) channel.end();
    });
    // Channels are half-open: without an end from this side 'close' would never come.
    if (!options.keepInput) channel.on('end', () => channel.end());
    channel.on('error', (error: Error) =>
      settle(new MusterError('CONNECTION_LOST', error.message, {}, error)),
    );
    channel.on('close', () => {
      if (exit) settle(null, { ...exit, stdout: out.text(), stderr: err.text() });
      else settle(new MusterError('CONNECTION_LOST', 'the connection ended before the command did'));
    });
    if (options.signal?.aborted) return onAbort();
    options.signal?.addEventListener('abort', onAbort);
    if (!options.keepInput) channel.end(options.stdin ?? '');
  });
}

function collect(stream: Readable, onLine?: (line: string) => void) {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  let bytes = 0;
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    const text = decoder.write(chunk);
    parts.push(text);
    if (!onLine) return;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return { bytes: () => bytes, text: () => parts.join('') + decoder.end() };
}
