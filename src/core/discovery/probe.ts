/** Asks an address whether SSH answers there, by its banner alone. Sends nothing. */
import { connect, type Socket } from 'node:net';
import { MusterError, type ErrorCode } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';
import { realClock } from '../real-clock.ts';
import { printable } from './printable.ts';

export interface ProbeTarget {
  /** Name or address; IPv6 link-local ones with their zone. */
  host: string;
  port: number;
}

export interface ProbeAnswer {
  /** `SSH-2.0-OpenSSH_9.2p1 Debian-2`, cleaned. */
  banner: string;
  /** The address that answered. */
  address: string;
}

/** RFC 4253 section 4.2: lines before the banner are allowed; so many bytes of them. */
const MAX_GREETING = 8192;
const MAX_BANNER = 255;
/** What OpenSSH says before it hangs up on one client too many (MaxStartups, PerSourcePenalties). */
const BUSY = /^(Exceeded MaxStartups|Not allowed at this time)/;

const CODES: Record<string, ErrorCode> = {
  ENOTFOUND: 'HOST_UNKNOWN',
  EAI_AGAIN: 'HOST_UNKNOWN',
  EAI_NONAME: 'HOST_UNKNOWN',
  ENODATA: 'HOST_UNKNOWN',
  ECONNREFUSED: 'PORT_CLOSED',
};

/**
 * Connects and reads the SSH identification line.
 * Throws HOST_UNKNOWN (the name does not resolve), HOST_UNREACHABLE (no route, or no answer within `timeoutMs`),
 * PORT_CLOSED (refused), NOT_SSH {banner} (something else, or something silent), CONNECTION_LOST (an SSH server too
 * busy to greet hangs up), CANCELLED (`signal`). Details hold host and port.
 */
export function probeSsh(
  target: ProbeTarget & { timeoutMs: number; signal?: AbortSignal; clock?: Clock },
): Promise<ProbeAnswer> {
  const { host, port, timeoutMs, signal, clock = realClock } = target;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let greeting = '';
    let connected = false;

    const fail = (code: ErrorCode, message: string, cause?: unknown) => {
      finish();
      const banner = code === 'NOT_SSH' ? { banner: printable(greeting, 80) } : {};
      reject(new MusterError(code, message, { host, port, ...banner }, cause));
    };
    const cancelTimer = clock.after(timeoutMs, () => {
      if (connected) fail('NOT_SSH', `no SSH banner within ${timeoutMs} ms`);
      else fail('HOST_UNREACHABLE', `no answer within ${timeoutMs} ms`);
    });
    const onAbort = () => fail('CANCELLED', 'the probe was cancelled');
    const finish = () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      // A reset may still arrive after the answer; unheard it would end the process.
      socket.on('error', () => {});
      socket.destroy();
    };

    socket.setEncoding('utf8');
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('data', (text) => {
      greeting = (greeting + String(text)).slice(0, MAX_GREETING);
      const banner = /^SSH-(?:2\.0|1\.99)-[^\n]*(?=\n)/m.exec(greeting)?.[0];
      if (banner !== undefined) {
        const address = remoteAddress(socket, host);
        finish();
        resolve({ banner: printable(banner, MAX_BANNER), address });
      } else if (greeting.length >= MAX_GREETING || /^(HTTP\/|<|220 |\* OK|\+OK)/.test(greeting)) {
        fail('NOT_SSH', 'something other than SSH answered');
      }
    });
    socket.on('end', () => {
      if (greeting === '' || BUSY.test(greeting)) fail('CONNECTION_LOST', 'hung up without a banner');
      else fail('NOT_SSH', 'something other than SSH answered');
    });
    socket.on('error', (error) => {
      const code = connected ? 'CONNECTION_LOST' : codeOf(error);
      fail(code, error.message || `cannot connect to ${host}`, error);
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  });
}

/** A name with several addresses fails with one error for each: a refusal tells most. */
function codeOf(error: Error & { code?: string; errors?: unknown }): ErrorCode {
  const errors = Array.isArray(error.errors) ? (error.errors as { code?: string }[]) : [error];
  const codes = errors.map(({ code }) => CODES[code ?? ''] ?? 'HOST_UNREACHABLE');
  return codes.find((code) => code === 'PORT_CLOSED') ?? codes[0] ?? 'HOST_UNREACHABLE';
}

function remoteAddress(socket: Socket, host: string): string {
  const address = socket.remoteAddress ?? host;
  // An IPv4 peer of a dual-stack socket.
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
