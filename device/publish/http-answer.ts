/** What an HTTP server's answer to a delivery means: taken, try again, send less, or a refusal. Pure. */
import { MusterError } from '../../src/shared/errors.ts';

export type Verdict =
  | { kind: 'taken' }
  /** `afterMs`: the server said when; null: as it seems right. */
  | { kind: 'again'; error: MusterError; afterMs: number | null }
  | { kind: 'smaller'; error: MusterError };

/** Longest wait that a server may ask for, ms. */
const LONGEST_WAIT_MS = 3_600_000;

/** By status code (RFC 9110 section 15, RFC 6585 section 4). `nowMs`: epoch, for a Retry-After that is a date. */
export function verdictOf(
  url: string,
  status: number,
  retryAfter: string | undefined,
  nowMs: number,
): Verdict {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const refused = (reason: string) =>
    new MusterError('RECEIVER_REFUSED', `${url} answers ${status}: ${reason}`, { url, status, reason });
  if (status === 413)
    return {
      kind: 'smaller',
      error: refused('so many readings at once are too many for it; set maxReadings lower'),
    };
  if (status === 429 || status >= 500 || status === 408 || status === 425) {
    const reason = status === 429 ? 'it wants us to go slower' : 'it cannot take them now';
    const error = new MusterError('RECEIVER_UNREACHABLE', `${url} answers ${status}: ${reason}`, {
      url,
      status,
      reason: `it answers ${status}, ${reason}`,
    });
    return { kind: 'again', error, afterMs: waitIn(retryAfter, nowMs) };
  }
  return { kind: 'again', error: refused(WORDS[status] ?? 'it does not take them'), afterMs: null };
}

const MOVED = 'it has moved; put its new address into url';
const WORDS: Readonly<Record<number, string>> = {
  301: MOVED,
  302: MOVED,
  307: MOVED,
  308: MOVED,
  400: 'it does not understand what we send; see its log',
  401: 'it does not know who we are; correct tokenFile or headersFile',
  403: 'we may not; correct tokenFile or headersFile, or our rights there',
  404: 'there is nothing at that path; correct url',
  405: 'it takes no POST there; correct url',
  415: 'it does not take application/senml+json',
};

/** Retry-After in ms (RFC 9110 section 10.2.3), null without one that can be read. */
function waitIn(retryAfter: string | undefined, nowMs: number): number | null {
  if (retryAfter === undefined) return null;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}
