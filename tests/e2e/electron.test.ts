/** The Electron shell for real, under Xvfb: a window attached to an engine that runs under Node, with the demo fleet. */
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDisplay, type Display } from '../support/display.ts';
import { need } from '../support/need.ts';
import { newHome, startScript, stop, untilOutput } from '../support/run-muster.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const runtime = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '';

/**
 * Holds the app back until Playwright is attached. Playwright itself loads it only into the Electron that it finds by
 * itself; without it the window is opened meanwhile, and now and then Playwright waits for it for ever.
 */
const LOADER = join(
  dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
  'lib/server/electron/loader.js',
);

describe.skipIf(!need('electron', 'xvfb'))('the Electron shell', () => {
  const home = newHome();
  const complaints: string[] = [];
  let display: Display;
  let serving: ChildProcess;
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    display = await startDisplay();
    serving = startScript('src/build/muster.ts', ['serve', '--demo', '2', '--json'], home.env);
    const [line] = await untilOutput(serving, /\{.*\}\n/);
    const { attachUrl } = JSON.parse(line) as { attachUrl: string };
    app = await _electron.launch({
      executablePath: join(runtime, 'electron'),
      args: ['-r', LOADER, '--no-sandbox', '--disable-gpu', `--user-data-dir=${home.folder}/electron`, ROOT],
      env: {
        ...(home.env as Record<string, string>),
        DISPLAY: `:${display.number}`,
        MUSTER_ENGINE_URL: attachUrl,
      },
      timeout: 60_000,
    });
    page = await app.firstWindow({ timeout: 60_000 });
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy/.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    if (serving) await stop(serving);
    display?.kill();
    home.remove();
  }, 60_000);

  it('opens its window on the page and shows the fleet of the engine it is attached to', async () => {
    await page.getByText('greenhouse-1').first().waitFor({ timeout: 30_000 });
    await page.getByText('pump-house-2').first().waitFor({ timeout: 30_000 });
    expect(page.url()).toBe('muster://app/');
    expect(await page.title()).toBe('Muster');
  }, 60_000);

  it('gives the page nothing of Node and only the shell’s own keys', async () => {
    const found = await page.evaluate(() => ({
      require: typeof (window as unknown as { require?: unknown }).require,
      process: typeof (window as unknown as { process?: unknown }).process,
      module: typeof (window as unknown as { module?: unknown }).module,
      keys: Object.keys((window as unknown as { muster: object }).muster).toSorted(),
    }));
    expect(found).toEqual({
      require: 'undefined',
      process: 'undefined',
      module: 'undefined',
      keys: ['connect', 'openFirmwareDialog', 'platform', 'saveDialog', 'showInFolder'],
    });
  });

  it('keeps its web preferences locked', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { sandbox, contextIsolation, nodeIntegration, webviewTag } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webviewTag };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
    });
  });

  it('answers the page’s wrong questions with a refusal', async () => {
    const refused = await page.evaluate(() => {
      const { showInFolder } = (
        window as unknown as { muster: { showInFolder: (path: unknown) => Promise<void> } }
      ).muster;
      return showInFolder('../etc/passwd').then(
        () => 'done',
        (error: Error) => error.message,
      );
    });
    expect(refused).toMatch(/absolute path/);
  });

  it('goes nowhere else and opens no other window', async () => {
    expect(await page.evaluate(() => window.open('https://example.invalid/') === null)).toBe(true);
    // asked of the main process alone: a navigation that is stopped leaves the test's own page waiting for it
    const after = await app.evaluate(async ({ BrowserWindow }) => {
      const windows = BrowserWindow.getAllWindows();
      const contents = windows[0]?.webContents;
      const prevented = new Promise<boolean>((resolve) => {
        contents?.once('will-navigate', (event) => resolve(event.defaultPrevented));
      });
      void contents?.executeJavaScript("window.location.href = 'https://example.invalid/'; 0");
      return { prevented: await prevented, url: contents?.getURL(), windows: windows.length };
    });
    expect(after).toEqual({ prevented: true, url: 'muster://app/', windows: 1 });
  });

  it('breaks no content policy and raises no error', () => {
    expect(complaints).toEqual([]);
  });
});
