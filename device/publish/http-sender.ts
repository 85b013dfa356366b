/**
 * Sends parcels to an HTTP server: a POST of SenML a few thousand readings at a time, one after the other.
 * Owns: the waits between tries, the names by which a server can tell a delivery that it has already. Refuses: to follow
 * a redirection (a token would go where nobody sent it), and to leave out what a server refuses: it waits and tells.
 */
import { request as requestHttp, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as requestHttps, Agent as HttpsAgent } from 'node:https';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import { pause } from '../../src/shared/pause.ts';
import type { Cursor } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { VERSION } from '../../src/shared/version.ts';
import { waitAfter } from '../otp/backoff.ts';
import { isDistrust, reachWords } from '../platform/reach-words.ts';
import { verdictOf, type Verdict } from './http-answer.ts';
import type { Parcel, Reading } from './parcel.ts';
import type { HttpConfig } from './publish-config.ts';
import type { Sender } from './pump.ts';
import { SENML_JSON, senmlPack } from './senml.ts';

export interface HttpSenderOptions {
  config: HttpConfig;
  /** Id of the device. */
  device: string;
  /** Headers and certificates from the files of the configuration, read anew for each delivery. May throw CONFIG_INVALID. */
  access: () => { headers: Record<string, string>; ca?: string };
  onProblem: (error: MusterError | null) => void;
  clock: Clock;
  random: () => number;
}

const TRANSIENT = { firstMs: 1000, immediate: 0, factor: 2, capMs: 60_000, jitter: 0.5, resetAfterMs: 0 };
/** A refusal stays one until a person does something: asked seldom, so that it is no storm. */
const REFUSED = { ...TRANSIENT, firstMs: 60_000, capMs: 300_000 };

export function httpSender(options: HttpSenderOptions): Sender {
  const { config, device, clock, random, onProblem } = options;
  const url = new URL(config.url);
  const isTls = url.protocol === 'https:';
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const closing = new AbortController();
  let maxReadings = config.maxReadings;

  async function send(parcel: Parcel): Promise<number> {
    let taken = 0;
    let part = 0;
    let some: Reading[] = [];
    for (const reading of parcel.readings()) {
      some.push(reading);
      if (some.length < config.maxReadings) continue;
      await deliver(some, `${nameOf(parcel)}/${part++}`);
      taken += some.length;
      some = [];
    }
    if (some.length > 0) await deliver(some, `${nameOf(parcel)}/${part}`);
    return taken + some.length;
  }

  /** Which batches: the same ones have the same name, whenever they are sent. */
  function nameOf({ first, last }: Parcel): string {
    const place = ({ run, batch }: Cursor) => `${run}.${batch}`;
    return `${device}/${place(first)}-${place(last)}`;
  }

  /** Until it is taken; halved as often as the server finds it too large. */
  async function deliver(readings: readonly Reading[], key: string): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      if (readings.length > maxReadings) {
        const half = Math.ceil(readings.length / 2);
        await deliver(readings.slice(0, half), `${key}a`);
        return deliver(readings.slice(half), `${key}b`);
      }
      const verdict = await attempt(senmlPack(device, readings), key);
      if (closing.signal.aborted) return;
      if (verdict.kind === 'taken') return onProblem(null);
      if (verdict.kind === 'smaller' && readings.length > 1) {
        maxReadings = Math.ceil(readings.length / 2);
        continue;
      }
      onProblem(verdict.error);
      const patience = verdict.error.retryable ? TRANSIENT : REFUSED;
      const asked = verdict.kind === 'again' ? verdict.afterMs : null;
      await pause(clock, Math.max(asked ?? 0, waitAfter(patience, ++failures, random)), closing.signal);
    }
  }

  async function attempt(body: string, key: string): Promise<Verdict> {
    try {
      const { statusCode = 0, headers } = await post(body, key);
      return verdictOf(config.url, statusCode, headers['retry-after'], clock.wall());
    } catch (thrown) {
      const error = thrown instanceof MusterError ? thrown : unreachable(config, thrown);
      return { kind: 'again', error, afterMs: null };
    }
  }

  /** One request; its answer's body is drained and dropped. */
  function post(body: string, key: string): Promise<IncomingMessage> {
    const { headers, ca } = options.access();
    return new Promise((resolve, reject) => {
      const request = (isTls ? requestHttps : requestHttp)(url, {
        method: 'POST',
        agent,
        signal: closing.signal,
        ...(ca !== undefined && { ca }),
        headers: {
          'user-agent': `muster/${VERSION}`,
          ...headers,
          'content-type': SENML_JSON,
          'content-length': Buffer.byteLength(body),
          'idempotency-key': `"${key}"`,
        },
      });
      // of the whole exchange: a server that sends a byte now and then holds nobody up
      const cancel = clock.after(config.timeoutMs, () =>
        request.destroy(
          new MusterError('RECEIVER_UNREACHABLE', `${config.url}: no answer in ${config.timeoutMs} ms`, {
            url: config.url,
            reason: `no answer in ${config.timeoutMs / 1000} s`,
          }),
        ),
      );
      request.once('response', (response) => {
        response.resume();
        response.once('error', reject);
        response.once('end', () => resolve(response));
        response.once('close', () => reject(new Error('the connection was cut')));
      });
      request.once('error', reject);
      request.once('close', cancel);
      request.end(body);
    });
  }

  return {
    send,
    async close() {
      closing.abort();
      agent.destroy();
    },
  };
}

function unreachable({ url }: HttpConfig, thrown: unknown): MusterError {
  const { message, cause } = toMusterError(thrown);
  const code = (thrown as { code?: unknown }).code;
  const errno = typeof code === 'string' ? code : '';
  const isTrust = isDistrust(errno);
  const reason = isTrust
    ? `its certificate is not trusted (${errno}); name its authority's file in caFile`
    : (reachWords(errno) ?? message);
  return new MusterError(
    isTrust ? 'RECEIVER_REFUSED' : 'RECEIVER_UNREACHABLE',
    `${url}: ${reason}`,
    { url, reason },
    cause ?? thrown,
  );
}
