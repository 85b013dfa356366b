/** The engine in a process of its own (Electron's utilityProcess), started again when it dies. */
import {
  dialog,
  MessageChannelMain,
  utilityProcess,
  type MessagePortMain,
  type UtilityProcess,
} from 'electron';

import { NO_ENGINE_HERE } from './exit-codes.ts';

/** Where the page's ports to an engine come from. */
export interface EngineSource {
  /** A fresh port; it closes when the engine goes, and the page then asks for another. */
  connect(): MessagePortMain;
  stop(): void;
}

/** An engine that ran for this long and then died is started again at once. */
const STEADY_MS = 30_000;
const LONGEST_WAIT_MS = 10_000;

/** Forks `program` and keeps it running. Ports asked for while it is down wait for the next life. */
export function utilityEngine(program: string, log: (line: string) => void): EngineSource {
  let child: UtilityProcess | null = null;
  let waiting: MessagePortMain[] = [];
  let failures = 0;
  let stopped = false;

  const start = () => {
    const startedAt = Date.now();
    const life = utilityProcess.fork(program, [], { serviceName: 'Muster engine', stdio: 'inherit' });
    life.once('spawn', () => {
      child = life;
      for (const port of waiting.splice(0)) life.postMessage('connect', [port]);
    });
    life.once('exit', (code) => {
      child = null;
      if (stopped) return;
      if (code === NO_ENGINE_HERE) {
        dialog.showErrorBox(
          'The engine cannot run in this Electron',
          'Its Node is older than 22.13. Start Muster with "npm start -- --browser", or set MUSTER_ENGINE_URL to an engine that runs.',
        );
        return;
      }
      failures = Date.now() - startedAt > STEADY_MS ? 0 : failures + 1;
      const wait = Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures);
      log(`The engine ended (${code}); starting it again in ${wait} ms.`);
      setTimeout(() => {
        if (!stopped) start();
      }, wait);
    });
  };
  start();

  return {
    connect() {
      const { port1, port2 } = new MessageChannelMain();
      if (child) child.postMessage('connect', [port2]);
      else waiting.push(port2);
      return port1;
    },
    stop() {
      stopped = true;
      waiting = [];
      child?.kill();
    },
  };
}
