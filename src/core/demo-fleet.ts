/**
 * Starts and ends the demo fleet: a process of its own that plays devices nearby (src/demo).
 * Owns: that process and what is said over its standard input and output, one JSON object a line.
 * Refuses: to restart it. It ends by itself when its input closes, so an engine that dies leaves nothing behind.
 * Called by the engine.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as z from 'zod';
import { MusterError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { Clock } from '../shared/time.ts';

/** What the engine may tell the process. `cut`: reset all SSH connections of one device, from 0. */
export const demoCommandSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cut'), device: z.number().int().min(0) }),
  z.object({ type: z.literal('stop') }),
]);
export type DemoCommand = z.infer<typeof demoCommandSchema>;

const readySchema = z.object({
  type: z.literal('ready'),
  user: z.string(),
  password: z.string(),
  devices: z.array(z.object({ name: z.string(), host: z.string(), port: z.number().int() })),
});

/** What the process tells: `ready` once, then what happened. `error` is about a command it could not follow. */
export const demoMessageSchema = z.discriminatedUnion('type', [
  readySchema,
  z.object({ type: z.literal('login'), device: z.number().int(), method: z.string() }),
  z.object({ type: z.literal('refused'), device: z.number().int(), method: z.string() }),
  z.object({ type: z.literal('cut'), device: z.number().int(), connections: z.number().int() }),
  z.object({ type: z.literal('error'), message: z.string() }),
  z.object({ type: z.literal('stopped') }),
]);
export type DemoMessage = z.infer<typeof demoMessageSchema>;

/** The running devices and the one login of all of them. */
export type DemoDevices = Omit<z.infer<typeof readySchema>, 'type'>;

export interface DemoStatus {
  running: boolean;
  devices: DemoDevices['devices'];
  login: { user: string; password: string } | null;
}

export interface DemoFleet {
  /** Starts `devices` of them; answers with those of a fleet that runs already. Throws DEMO_FAILED. */
  start(devices: number): Promise<DemoDevices>;
  /** Ends the fleet and waits until it is gone. Nothing happens when none runs. */
  stop(): Promise<void>;
  status(): DemoStatus;
  /** Cuts the SSH connections of device `index`, from 0. Throws DEMO_FAILED when none runs. */
  cut(index: number): void;
}

export interface DemoFleetOptions {
  program: { command: string; args: string[] };
  clock: Clock;
  log: Log;
  /** Told when a running fleet ended without being asked to. */
  onLost?: (error: MusterError) => void;
}

/** Time for the devices to come up, and for the process to end once asked to, ms. */
const START_MS = 30_000;
const STOP_MS = 15_000;
/** Last lines of its standard error that an error quotes. */
const LAST_LINES = 8;

interface Running {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  ready: Promise<DemoDevices>;
  devices: DemoDevices | null;
  exited: Promise<void>;
  stopping: boolean;
}

/** A launcher with nothing running. */
export function createDemoFleet(options: DemoFleetOptions): DemoFleet {
  const { program, clock, log, onLost = () => {} } = options;
  let running: Running | null = null;

  function launch(count: number): Running {
    const args = [...program.args, '--devices', String(count)];
    const child = spawn(program.command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const lastLines: string[] = [];
    let settle: { resolve: (devices: DemoDevices) => void; reject: (error: MusterError) => void };
    const ready = new Promise<DemoDevices>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const cancel = clock.after(START_MS, () => {
      lastLines.push(`not ready after ${START_MS / 1000} s`);
      child.kill('SIGKILL');
    });

    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLines.push(line.slice(0, 500));
      if (lastLines.length > LAST_LINES) lastLines.shift();
      log('info', 'demo fleet', { line });
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = parseMessage(line);
      if (message?.type === 'ready') {
        cancel();
        const { user, password, devices } = message;
        me.devices = { user, password, devices };
        settle.resolve(me.devices);
      } else if (message) log('debug', 'demo fleet', message);
      else log('warn', 'demo fleet said what is not understood', { line: line.slice(0, 200) });
    });
    // A process that is gone takes no commands; its exit tells.
    child.stdin.on('error', () => {});

    const exited = new Promise<void>((gone) => {
      const finish = (how: string): void => {
        cancel();
        if (running === me) running = null;
        const why = lastLines.length > 0 ? `: ${lastLines.join('; ')}` : '';
        const error = new MusterError('DEMO_FAILED', `the demo fleet ended (${how})${why}`, { how });
        settle.reject(error);
        if (me.devices && !me.stopping) onLost(error);
        gone();
      };
      child.once('error', (error) => finish(error.message));
      child.once('close', (code, signal) => finish(signal ?? `exit code ${code}`));
    });
    const me: Running = { child, ready, devices: null, exited, stopping: false };
    // Whoever started hears of a failure; without anybody waiting it is in the log.
    ready.catch((error: MusterError) => log('warn', error.message));
    return me;
  }

  function tell(to: Running, command: DemoCommand): void {
    to.child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  return {
    async start(count) {
      if (running?.stopping) await running.exited;
      running ??= launch(count);
      return running.ready;
    },
    async stop() {
      const me = running;
      if (!me) return;
      if (!me.stopping) {
        me.stopping = true;
        tell(me, { type: 'stop' });
        me.child.stdin.end();
      }
      const cancel = clock.after(STOP_MS, () => me.child.kill('SIGKILL'));
      await me.exited;
      cancel();
    },
    status() {
      const devices = running && !running.stopping ? running.devices : null;
      return {
        running: devices !== null,
        devices: devices?.devices ?? [],
        login: devices && { user: devices.user, password: devices.password },
      };
    },
    cut(index) {
      if (!running?.devices) throw new MusterError('DEMO_FAILED', 'the demo fleet is not running');
      tell(running, { type: 'cut', device: index });
    },
  };
}

function parseMessage(line: string): DemoMessage | null {
  try {
    return demoMessageSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
