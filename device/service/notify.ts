/**
 * What the service manager is told (sd_notify(3)), by the program systemd-notify: Node has no datagram unix sockets, and
 * the daemon has no native parts. Only where NOTIFY_SOCKET is set, that is, where systemd started us with Type=notify.
 */
import { spawn } from 'node:child_process';
import type { Log } from '../../src/shared/log.ts';

/** Tells assignments such as `READY=1`. Never throws, never waits. */
export type Notify = (...assignments: string[]) => void;

/**
 * Null where there is no service manager to tell. `--no-block`: the program would else wait for the manager to have
 * read it. The price is that a message may be lost when its sender has ended before systemd looks whose it was, so
 * whoever calls repeats what matters.
 */
export function serviceNotify(env: NodeJS.ProcessEnv, log: Log): Notify | null {
  if (!env['NOTIFY_SOCKET']) return null;
  let complained = false;
  return (...assignments) => {
    const child = spawn('systemd-notify', ['--no-block', ...assignments], { stdio: 'ignore', env });
    const complain = (why: string): void => {
      if (complained) return;
      complained = true;
      log('warn', 'the service manager cannot be told', { why });
    };
    child.on('error', (error) => complain(error.message));
    child.on('exit', (code) => {
      if (code !== 0) complain(`systemd-notify ended with ${code}`);
    });
    child.unref();
  };
}

/** Ms between two feedings of the watchdog: a third of what systemd allows, so that one may be lost. Null: no watchdog. */
export function feedEveryMs(env: NodeJS.ProcessEnv): number | null {
  const allowedUs = Number(env['WATCHDOG_USEC'] ?? 0);
  return allowedUs > 0 ? Math.max(1000, allowedUs / 3000) : null;
}
