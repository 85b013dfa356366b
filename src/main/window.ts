/** The one window, as the page left it: size and place survive a restart. */
import { app, BrowserWindow, screen } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

const DEFAULT_SIZE = { width: 1280, height: 800 };

function stateFile(): string {
  return join(app.getPath('userData'), 'window.json');
}

/** The remembered bounds, if they still lie on a screen. */
function lastBounds(): Partial<Bounds> {
  try {
    const { x, y, width, height } = JSON.parse(readFileSync(stateFile(), 'utf8')) as Bounds;
    const { workArea } = screen.getDisplayMatching({ x, y, width, height });
    const visible =
      x < workArea.x + workArea.width - 80 && x + width > workArea.x + 80 && y >= workArea.y - 10;
    return visible && width >= 400 && height >= 300 ? { x, y, width, height } : {};
  } catch {
    return {};
  }
}

function remember(window: BrowserWindow): void {
  const file = stateFile();
  try {
    writeFileSync(`${file}.new`, JSON.stringify(window.getNormalBounds()));
    renameSync(`${file}.new`, file);
  } catch {
    // a place that cannot be remembered is no reason to disturb anybody
  }
}

/** Opens the window on `url`, shown as soon as there is something to see. */
export function openWindow(preload: string, url: string): void {
  const window = new BrowserWindow({
    ...DEFAULT_SIZE,
    ...lastBounds(),
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Muster',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.on('close', () => remember(window));
  void window.loadURL(url);
}
