/**
 * A command that a client runs on a virtual device: `/bin/sh -c` in a process group of its own.
 * Owns: that group's end when the client hangs up. Refuses: anything of the demo's own environment.
 */
import { spawn } from 'node:child_process';
import type { Duplex, Writable } from 'node:stream';
import type { Clock } from '../shared/time.ts';

/** The server's end of an exec channel. */
export interface CommandChannel extends Duplex {
  stderr: Writable;
  exit(statusOrSignal: number | string, coreDumped?: boolean, message?: string): void;
}

/** Where and with what a command runs. */
export interface CommandSurroundings {
  directory: string;
  /** The whole environment; nothing is added. */
  environment: Record<string, string>;
  clock: Clock;
}

/** Time between SIGHUP and SIGKILL for a group whose client is gone, ms. */
const HANGUP_GRACE_MS = 2000;
/** Signals that RFC 4254 section 6.10 names. */
const SIGNALS = /^(?:ABRT|ALRM|FPE|HUP|ILL|INT|KILL|PIPE|QUIT|SEGV|TERM|USR1|USR2)$/;

/** Runs `command`. The returned function passes on a signal of the client, by RFC 4254's name. */
export function runCommand(
  channel: CommandChannel,
  command: string,
  { directory, environment, clock }: CommandSurroundings,
): (signal: string) => void {
  const child = spawn('/bin/sh', ['-c', command], { cwd: directory, env: environment, detached: true });
  let running = true;
  const output = outputOf(channel);

  function signalGroup(signal: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone already, which is what a signal would want.
    }
  }

  channel.pipe(child.stdin);
  // A command that does not read its input is no error of the client.
  child.stdin.on('error', () => channel.resume());
  const flushed = [output.take(child.stdout, channel), output.take(child.stderr, channel.stderr)];

  child.on('error', (error) => {
    running = false;
    channel.stderr.write(`${error.message}\n`);
    channel.exit(127);
    channel.end();
  });
  child.on('close', (code, signal) => {
    if (!running) return;
    running = false;
    void Promise.all(flushed).then(() => {
      const name = signal?.slice('SIG'.length) ?? '';
      if (SIGNALS.test(name)) channel.exit(name, false, '');
      else channel.exit(code ?? 255);
      channel.end();
    });
  });
  channel.on('error', () => {});
  channel.on('close', () => {
    if (!running) return;
    signalGroup('SIGHUP');
    clock.after(HANGUP_GRACE_MS, () => signalGroup('SIGKILL'));
  });

  return (signal) => {
    if (running && SIGNALS.test(signal)) signalGroup(`SIG${signal}` as NodeJS.Signals);
  };
}

/** The library's half-written chunk of a channel, which it never clears (ssh2 1.17 Channel.js). */
interface Unsent {
  _chunk?: unknown;
  _chunkcb?: unknown;
  _chunkErr?: unknown;
  _chunkcbErr?: unknown;
}

/**
 * Writes stdout and stderr to a channel one chunk at a time. Two waiting writes share one window, and the library
 * wakes only one of them, or repeats the other's last chunk: so there is never more than one.
 */
function outputOf(channel: CommandChannel) {
  let turn = Promise.resolve();
  const write = (to: Writable, chunk: Uint8Array) =>
    new Promise<void>((done) => {
      to.write(chunk, () => {
        const unsent = channel as Unsent;
        delete unsent._chunk;
        delete unsent._chunkcb;
        delete unsent._chunkErr;
        delete unsent._chunkcbErr;
        done();
      });
    });
  return {
    /** Carries all of `from` to `to`; resolves when the last chunk is sent. */
    async take(from: AsyncIterable<Uint8Array>, to: Writable): Promise<void> {
      for await (const chunk of from) {
        turn = turn.then(() => write(to, chunk));
        await turn;
      }
    },
  };
}
