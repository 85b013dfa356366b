/**
 * The program that plays devices nearby. Says JSON lines on standard output (demoMessageSchema), takes JSON lines on
 * standard input (demoCommandSchema). Ends orderly when that input closes, on SIGTERM and on SIGINT: an engine that
 * dies leaves no device, no daemon and no folder behind. Started by core/demo-fleet.ts, or by hand.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { demoCommandSchema, type DemoMessage } from '../core/demo-fleet.ts';
import { lineLog } from '../core/line-log.ts';
import { realClock } from '../core/real-clock.ts';
import { clearLeftovers, newDemoFolder, removeDemoFolder } from './leftovers.ts';
import { startVirtualFleet, type VirtualFleet } from './virtual-fleet.ts';

const USAGE = `node src/demo/main.ts [--devices N] [--dir DIR] [--keep]
  --devices N  how many virtual devices, 1 to 50 (3)
  --dir DIR    where their folders are; devices found there come back (a new temporary folder)
  --keep       leave the folders when the program ends`;

interface Arguments {
  devices: number;
  dir: string | null;
  keep: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      devices: { type: 'string', default: '3' },
      dir: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const devices = Number(values.devices);
  if (!Number.isInteger(devices) || devices < 1 || devices > 50)
    throw new Error(`--devices must be a whole number from 1 to 50, not ${values.devices}`);
  return { devices, dir: values.dir ?? null, keep: values.keep };
}

function say(message: DemoMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Lines from whoever started this program, and when it has to end. */
function listen(): { ended: Promise<void>; end: () => void; onLine: (fn: (line: string) => void) => void } {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const early: string[] = [];
  let take = (line: string): void => void early.push(line);
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => take(line));
  input.on('close', end);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end());
  // Whoever read them is gone.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => end());
  process.on('uncaughtException', (error) => {
    process.exitCode = 1;
    process.stderr.write(`${error.stack}\n`);
    end();
  });
  const onLine = (fn: (line: string) => void): void => {
    take = fn;
    for (const line of early.splice(0)) fn(line);
  };
  return { ended, end, onLine };
}

function follow(line: string, fleet: VirtualFleet, end: () => void): void {
  try {
    const command = demoCommandSchema.parse(JSON.parse(line));
    if (command.type === 'stop') return end();
    say({ type: 'cut', device: command.device, connections: fleet.cut(command.device) });
  } catch (error) {
    say({ type: 'error', message: `${line.slice(0, 200)}: ${(error as Error).message}` });
  }
}

async function play({ devices, dir, keep }: Arguments): Promise<void> {
  const log = lineLog(process.env['MUSTER_LOG'], (line) => process.stderr.write(line));
  const { ended, end, onLine } = listen();
  const cleared = await clearLeftovers(realClock);
  if (cleared.length > 0) log('warn', 'cleared what a killed demo left', { folders: cleared.join(' ') });
  const own = dir === null ? await newDemoFolder() : null;
  try {
    const fleet = await startVirtualFleet({
      count: devices,
      dir: dir ?? own ?? '',
      clock: realClock,
      log,
      onEvent: (device, event) => say({ ...event, device }),
    });
    onLine((line) => follow(line, fleet, end));
    say({ type: 'ready', user: fleet.user, password: fleet.password, devices: fleet.devices });
    await ended;
    await fleet.stop(keep);
  } finally {
    if (own !== null && !keep) await removeDemoFolder(own);
  }
  say({ type: 'stopped' });
}

let wanted: Arguments | null = null;
try {
  wanted = readArguments();
  await play(wanted);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${(error as Error).message}\n${wanted ? '' : `${USAGE}\n`}`);
}
process.exit();
