/** The demo's program as a process, spoken to as the engine does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { demoMessageSchema, type DemoCommand, type DemoMessage } from '../../src/core/demo-fleet.ts';

export const DEMO_PROGRAM = new URL('../../src/demo/main.ts', import.meta.url).pathname;

export type Ready = Extract<DemoMessage, { type: 'ready' }>;

export interface DemoProgram {
  child: ChildProcess;
  ready: Ready;
  messages: DemoMessage[];
  tell(command: DemoCommand): void;
  /** Closes its input, as the end of an engine does; resolves with its exit code. */
  hangUp(): Promise<number | null>;
}

/** Starts it and waits until its devices are there. Rejects with its standard error when it ends before. */
export async function startDemoProgram(args: string[], wrap: string[] = []): Promise<DemoProgram> {
  const [command = '', ...rest] = [...wrap, process.execPath, DEMO_PROGRAM, ...args];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const messages: DemoMessage[] = [];
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const exited = once(child, 'close') as Promise<[number | null]>;
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = demoMessageSchema.parse(JSON.parse(line));
      messages.push(message);
      if (message.type === 'ready') resolve(message);
    });
    void exited.then(([code]) => reject(new Error(`exit ${code}: ${errors}`)));
  });
  return {
    child,
    ready,
    messages,
    tell: (command) => child.stdin.write(`${JSON.stringify(command)}\n`),
    async hangUp() {
      child.stdin.end();
      const [code] = await exited;
      return code;
    },
  };
}
