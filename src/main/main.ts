/**
 * The Electron shell: one window over the engine's page. Owns windows, dialogs and the engine's process.
 * Refuses business rules (src/core has them), remote content, new windows and permissions.
 */
import { app, BrowserWindow } from 'electron';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachedEngine } from './attach.ts';
import { utilityEngine, type EngineSource } from './engine-process.ts';
import { answerPage } from './ipc-host.ts';
import { lockDown } from './lock-down.ts';
import { PAGE_URL, registerPageScheme, servePage } from './page-protocol.ts';
import { openWindow } from './window.ts';

const dist = fileURLToPath(new URL('..', import.meta.url));
const log = (line: string) => process.stderr.write(`${line}\n`);

registerPageScheme();
// with --no-sandbox (root has no other way) Electron refuses to be told otherwise, and ends
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
lockDown(app);

function startEngine(): EngineSource {
  const url = process.env['MUSTER_ENGINE_URL'];
  return url ? attachedEngine(url, log) : utilityEngine(join(dist, 'main', 'engine-host.js'), log);
}

function start(): void {
  const engine = startEngine();
  servePage(join(dist, 'renderer'));
  answerPage(engine);
  const open = () => openWindow(join(dist, 'preload', 'preload.cjs'), PAGE_URL);
  open();
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('before-quit', () => engine.stop());
}

app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit();
});

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  // not awaited at the top level: an ESM main that waits for readiness there never gets ready
  app.whenReady().then(start, (error: Error) => {
    log(`Muster could not start: ${error.message}`);
    app.exit(1);
  });
} else {
  app.quit();
}
