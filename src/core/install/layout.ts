/** Where an installation lies on a device, and the commands that depend on it. Paths are the device's: POSIX. */
import { MusterError } from '../../shared/errors.ts';
import { shellQuote } from './shell-quote.ts';

export interface Layout {
  /** '' on a machine of its own; else the folder all the rest lies below. */
  prefix: string;
  opt: string;
  /** The slot in use, a link that is switched: its daemon, and the runtime of its own. */
  current: string;
  undo: string;
  /** Journal, configuration, identity. */
  state: string;
  run: string;
  socket: string;
}

/** The kernel's limit for a unix socket's path (unix(7): 108 with the closing zero). */
const MAX_SOCKET_PATH = 107;

/**
 * The layout below `prefix`. Throws SYSTEM_UNSUPPORTED for a prefix that is not absolute, holds characters that
 * could be misread on the way, or is too long for a socket.
 */
export function layoutAt(prefix: string): Layout {
  if (prefix !== '' && !/^(\/[\w.@+-]+)+$/.test(prefix))
    throw new MusterError('SYSTEM_UNSUPPORTED', `cannot install below ${JSON.stringify(prefix)}`, { prefix });
  const opt = `${prefix}/opt/muster`;
  const run = `${prefix}/run/muster`;
  const socket = `${run}/muster.sock`;
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH)
    throw new MusterError('SYSTEM_UNSUPPORTED', `the path ${socket} is too long for a socket`, { prefix });
  return {
    prefix,
    opt,
    current: `${opt}/current`,
    undo: `${opt}/undo.json`,
    state: `${prefix}/var/lib/muster`,
    run,
    socket,
  };
}

/** What is known of the device's environment before the prefix is. */
export interface PrefixEvidence {
  /** MUSTER_PREFIX of the login environment, '' when not set. */
  environment: string;
  privileged: 'root' | 'sudo' | 'sudo-password' | 'none';
  home: string;
}

/** The prefix rule: what the device asks for, else the machine itself where we may, else the user's own folder. */
export function prefixOf({ environment, privileged, home }: PrefixEvidence): string {
  if (environment !== '') return environment.replace(/\/+$/, '');
  return privileged === 'none' ? `${home.replace(/\/+$/, '')}/.muster` : '';
}

/**
 * Runs one of the daemon's own commands in its environment: `version`, `bridge`. Slots of an older installation have no
 * runtime of their own.
 */
export function daemonCommand(layout: Layout, command: 'version' | 'bridge'): string {
  const { prefix, opt, current } = layout;
  const [own, shared, daemon] = [
    `${current}/node`,
    `${opt}/runtime/current/node`,
    `${current}/muster-daemon.mjs`,
  ].map(shellQuote);
  const choose = `node=${own}; [ -x "$node" ] || node=${shared}`;
  const run = `MUSTER_PREFIX=${shellQuote(prefix)} exec "$node" ${daemon} ${command}`;
  return `exec sh -c ${shellQuote(`${choose}; ${run}`)}`;
}
