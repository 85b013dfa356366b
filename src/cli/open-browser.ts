/** Opens a link in the person's browser, where there is a screen to show it on. */
import { spawn } from 'node:child_process';

/** True when a browser was asked to open `url`. Over SSH or without a display nothing is tried. */
export function openBrowser(url: string): boolean {
  const { platform, env } = process;
  const screen = platform !== 'linux' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY']);
  if (!screen || env['MUSTER_NO_BROWSER']) return false;
  const command = { darwin: 'open', win32: 'explorer' }[platform as string] ?? 'xdg-open';
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
  return true;
}
