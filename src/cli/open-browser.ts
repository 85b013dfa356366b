/** Opens a link in the person's browser, where there is a screen to show it on. */
import { spawn } from 'node:child_process';

/** True when a browser was asked to open `url`. Over SSH or without a display nothing is tried. */
export function openBrowser(url: string): boolean {
  const { platform, env } = process;
  const screen = platform !== 'linux' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY']);
  if (!screen || env['MUSTER_NO_BROWSER']) return false;
  const [command, args] =
    platform === 'darwin'
      ? ['open', [url]]
      : platform === 'win32'
        ? ['explorer', [url]]
        : (['xdg-open', [url]] as [string, string[]]);
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
  return true;
}
