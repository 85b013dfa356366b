/**
 * A host as its root holds it: a pipe, an end, and the cell; whether it is a process, a thread or inline.
 * Owns: starting it, killing it, what it writes on its standard streams. Refuses: to judge. Called by host.ts.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker, workerData } from 'node:worker_threads';
import type { Log } from '../../src/shared/log.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import type { Clock } from '../../src/shared/time.ts';
import { socketPipe } from '../control/socket-pipe.ts';
import { processFacts, threadFacts, type ProcessFacts } from '../platform/process-facts.ts';
import type { HostMode } from './allotment.ts';
import { makeCellFile, noCell, readCellFile, readMemoryCell, sharedCell } from './cell.ts';
import { joinedPipes, portPipe } from './port-pipe.ts';

/** File descriptor of a host process that leads to its root. */
export const HOST_FD = 3;

/** What a host thread is started with. */
export interface HostThreadData {
  role: 'host';
  cell: SharedArrayBuffer;
}

/** True in a thread that was started as a host. */
export function isHostThread(): boolean {
  return (workerData as HostThreadData | null)?.role === 'host';
}

/** How a host ended: `said` is the last line on its standard error that tells something. */
export interface HostExit {
  code: number | null;
  signal: string | null;
  said: string;
}

export interface HostLink {
  pipe: Pipe;
  /** Settles when it has ended and all it sent has been taken. Never rejects. */
  exited: Promise<HostExit>;
  kill(): void;
  /** Number of the sensor whose driver runs now, 0 when none does. */
  running(): number;
  /** What the kernel says of it; null where it is neither a process nor a thread of its own. */
  facts(): ProcessFacts | null;
  /** Lets go of what the two shared. */
  release(): void;
}

export interface HostLinkOptions {
  mode: HostMode;
  /** Program file that knows the command and the thread role `host`. */
  entry: URL;
  /** Command of a process, before the path of its cell; `host` unless told. */
  command?: 'host' | 'outputs';
  /** File of the cell, for a process. */
  cellPath: string;
  memoryMb: number;
  clock: Clock;
  log: Log;
}

export async function openHostLink(options: HostLinkOptions): Promise<HostLink> {
  if (options.mode === 'process') return processLink(options);
  return options.mode === 'thread' ? threadLink(options) : inlineLink();
}

/** Longest line of a host's standard streams that is logged whole. */
const MAX_LINE = 500;
/** Lines taken at once; after more than these nothing is read for a while. */
const MAX_LINES = 20;
const FLOOD_PAUSE_MS = 100;

function processLink({ entry, command = 'host', cellPath, memoryMb, clock, log }: HostLinkOptions): HostLink {
  makeCellFile(cellPath);
  const { promise: exited, resolve } = Promise.withResolvers<HostExit>();
  const limits = [`--max-old-space-size=${memoryMb}`, '--max-semi-space-size=1'];
  const child = spawn(process.execPath, [...limits, fileURLToPath(entry), command, cellPath], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let said = '';
  const lines = [child.stdout, child.stderr].map((stream) =>
    eachLine(stream, clock, (line) => {
      log('warn', 'a host wrote', { line });
      if (tells(line)) said = line;
    }),
  );
  child.once('error', (error) => resolve({ code: null, signal: null, said: error.message }));
  child.once('close', (code, signal) => {
    for (const end of lines) end();
    resolve({ code, signal, said });
  });
  return {
    pipe: socketPipe(child.stdio[HOST_FD] as Duplex),
    exited,
    kill: () => void child.kill('SIGKILL'),
    running: () => readCellFile(cellPath).sensor,
    facts: () => (child.pid === undefined ? null : processFacts(child.pid)),
    release: () => rmSync(cellPath, { force: true }),
  };
}

function threadLink({ entry, memoryMb, clock, log }: HostLinkOptions): HostLink {
  const shared = sharedCell();
  const data: HostThreadData = { role: 'host', cell: shared };
  const worker = new Worker(entry, {
    workerData: data,
    name: 'host',
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    stdout: true,
    stderr: true,
  });
  let said = '';
  for (const stream of [worker.stdout, worker.stderr])
    eachLine(stream, clock, (line) => log('warn', 'a host wrote', { line }));
  worker.on('error', (error) => {
    said = error instanceof Error ? error.message : String(error);
  });
  const exited = new Promise<HostExit>((resolve) => {
    worker.once('exit', (code) => resolve({ code, signal: null, said }));
  });
  return {
    pipe: portPipe(worker),
    exited,
    kill: () => void worker.terminate(),
    running: () => readMemoryCell(shared).sensor,
    facts: () => threadFacts(readMemoryCell(shared).thread),
    release() {},
  };
}

/** Without a border nothing can be killed: a kill only stops listening. */
async function inlineLink(): Promise<HostLink> {
  const [{ runHost }, { CATALOG }] = await Promise.all([
    import('./host-body.ts'),
    import('../drivers/catalog.ts'),
  ]);
  const [near, far] = joinedPipes();
  const exited = new Promise<HostExit>((resolve) => {
    near.onClose(() => resolve({ code: null, signal: null, said: '' }));
  });
  runHost({
    pipe: far,
    cell: noCell,
    catalog: CATALOG,
    memoryBytes: () => 0,
    cpuUs: () => ({ user: 0, system: 0 }),
    leave: () => void setImmediate(() => far.close()),
  });
  return { pipe: near, exited, kill: () => near.close(), running: () => 0, facts: () => null, release() {} };
}

/**
 * Calls `take` with the lines that come, of a flood only the first of each moment; the flood waits in its host
 * meanwhile. The returned function hands over what stands after the last line end.
 */
function eachLine(
  stream: NodeJS.ReadableStream | null,
  clock: Clock,
  take: (line: string) => void,
): () => void {
  let rest = '';
  const line = (text: string): void => {
    const trimmed = text.trimEnd();
    if (trimmed !== '') take(trimmed.slice(0, MAX_LINE));
  };
  stream?.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n');
    rest = (parts.pop() ?? '').slice(0, MAX_LINE);
    for (const part of parts.slice(0, MAX_LINES)) line(part);
    if (parts.length <= MAX_LINES) return;
    line(`(and ${parts.length - MAX_LINES} lines more)`);
    stream.pause();
    clock.after(FLOOD_PAUSE_MS, () => stream.resume());
  });
  return () => line(rest);
}

/** Lines that tell why a program died: an error's own line, not its stack or Node's frame around it. */
function tells(line: string): boolean {
  return /^(?:Uncaught )?\w*(?:Error|Exception)\b|^FATAL ERROR/.test(line);
}
