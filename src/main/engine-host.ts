/**
 * The engine inside Electron's utilityProcess. Each 'connect' message brings the port of one page.
 * Exits with NO_ENGINE_HERE where this Electron's Node has no SQLite: starting it again would not help.
 */
import { fileURLToPath } from 'node:url';
import { messagePortPipe } from '../core/message-port-pipe.ts';
import { NO_ENGINE_HERE } from './exit-codes.ts';

async function host(): Promise<void> {
  const [{ startEngine }, { serveEngine }] = await Promise.all([
    import('../core/start-engine.ts'),
    import('../core/engine-peer.ts'),
  ]);
  const engine = await startEngine({ root: fileURLToPath(new URL('../..', import.meta.url)), watch: true });
  process.parentPort.on('message', ({ data, ports: [port] }) => {
    if (data === 'connect' && port) serveEngine(engine, messagePortPipe(port));
  });
}

if (process.getBuiltinModule('node:sqlite')) {
  host().catch((error: Error) => {
    process.stderr.write(`The engine could not start: ${error.message}\n`);
    process.exit(1);
  });
} else {
  process.exit(NO_ENGINE_HERE);
}
