/**
 * Answers a Prometheus that comes to ask: the newest reading of each channel, and how the daemon does.
 * Keeps no place in the journal: whoever asks gets what is newest, and nothing is ever behind. Refuses: every path but
 * /metrics, every method but GET and HEAD, and the network, unless `host` names an address there.
 */
import { createServer, type Server } from 'node:http';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import { pause } from '../../src/shared/pause.ts';
import type { Calls } from '../../src/shared/peer.ts';
import type { ChannelInfo, Cursor } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';
import { parcelOf, type Reading } from './parcel.ts';
import type { PrometheusConfig } from './publish-config.ts';
import type { PublisherPlan } from './publish-contract.ts';
import { RunBook } from './run-book.ts';

export interface PrometheusOptions {
  config: PrometheusConfig;
  device: PublisherPlan['device'];
  source: Pick<Calls<DeviceContract>, 'pull' | 'runs' | 'status'>;
  isWanted: (channel: ChannelInfo) => boolean;
  onListening: () => void;
  onAsked: () => void;
  onProblem: (error: MusterError | null) => void;
  clock: Clock;
}

const PULL_BYTES = 65_536;
const WAIT_MS = 30_000;
const AGAIN_MS = 2000;
/** Looked through at a start, so that slow channels are there at once, bytes. */
const LOOK_BACK_BYTES = 262_144;

/** Serves until `signal` aborts. Rejects when it cannot listen, in words. */
export async function servePrometheus(options: PrometheusOptions, signal: AbortSignal): Promise<void> {
  const { source, isWanted, onProblem, clock } = options;
  const latest = new Map<string, Reading>();
  const server = await listen(options, () => latest.values());
  options.onListening();
  signal.addEventListener('abort', () => {
    server.close();
    server.closeAllConnections();
  });
  const book = new RunBook(async (from) => (await source.runs({ from })).runs);
  let after: Cursor | null = null;
  let begun = false;
  while (!signal.aborted)
    try {
      const pulled = await source.pull(
        begun
          ? { after, maxBytes: PULL_BYTES, waitMs: WAIT_MS }
          : { after: null, maxBytes: LOOK_BACK_BYTES, waitMs: 0, order: 'newest' },
      );
      onProblem(null);
      const batches = begun ? pulled.batches : pulled.batches.toReversed();
      begun = true;
      after = pulled.head && !batches.length ? (after ?? pulled.head) : after;
      book.clockChanged(pulled.clockChanges ?? 0);
      const last = batches.at(-1);
      if (!last) continue;
      after = { run: last.run, batch: last.batch };
      const parcel = await parcelOf(batches, book, isWanted);
      for (const reading of parcel.readings())
        latest.set(`${reading.channel.sensor}\n${reading.channel.channel}`, reading);
    } catch (thrown) {
      if (signal.aborted) return;
      onProblem(toMusterError(thrown));
      await pause(clock, AGAIN_MS, signal);
    }
}

function listen(
  { config, device, source, onAsked }: PrometheusOptions,
  latest: () => Iterable<Reading>,
): Promise<Server> {
  const { host, port } = config;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const say = (status: number, text: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (pathname !== '/metrics') return say(404, 'Only /metrics is here.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return say(405, 'Only GET and HEAD.\n', { allow: 'GET, HEAD' });
    onAsked();
    void source
      .status({})
      .catch(() => null)
      .then((status) => say(200, exposition(device, latest(), status), { 'content-type': EXPOSITION_TYPE }));
  });
  server.maxConnections = 32;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
    server.listen(port, host, () => resolve(server));
  });
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): MusterError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another program listens there; choose another port'
      : error.code === 'EADDRNOTAVAIL'
        ? 'this machine has no such address; correct host'
        : error.code === 'EACCES'
          ? 'ports below 1024 are not for the account of the daemon; choose another'
          : error.message;
  return new MusterError(
    'CONFIG_INVALID',
    `cannot listen on ${host}, port ${port}: ${why}`,
    { path: 'port' },
    error,
  );
}
