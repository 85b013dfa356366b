/**
 * The thread of one publisher: reads the journal through the root, sends, tells how it does.
 * Owns: putting the parts of one kind together, and its end. Refuses: to start with a secret that is missing or open to
 * others. The libraries of a kind are loaded here, and only where that kind is configured.
 */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { MusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import { connectPeer } from '../../src/shared/peer.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';
import { portPipe } from '../host/port-pipe.ts';
import { deviceClock } from '../platform/device-clock.ts';
import { handBackStart } from '../platform/small-heap.ts';
import { dayOf, positionFile } from './position-file.ts';
import type { HttpConfig, MqttConfig, PublisherConfig } from './publish-config.ts';
import { publishContract, type Account, type PublisherPlan } from './publish-contract.ts';
import type { PublisherThreadData } from './publisher-thread.ts';
import { pump, type Sender } from './pump.ts';
import { parseHeaders, readSecret, readText } from './secret-file.ts';

/** By then all that is needed has been loaded, ms. */
const SETTLED_MS = 5000;

const clock = deviceClock;
const log: Log = (level, message, fields) =>
  void process.stderr.write(`${level} ${message} ${JSON.stringify(fields ?? {})}\n`);

/** Runs until the root says stop or is gone. What it cannot go on with is thrown, and ends the thread. */
export async function servePublisher(): Promise<void> {
  const port = parentPort;
  if (!port) throw new TypeError('a publisher runs in a thread only');
  const { plan } = workerData as PublisherThreadData;
  const stop = new AbortController();
  const { call } = connectPeer(portPipe(port), publishContract, { stop: () => stop.abort() }, () =>
    stop.abort(),
  );
  let account: Account = {
    problem: null,
    sent: null,
    seen: { readings: 0, batches: 0 },
    today: 0,
    lostBatches: 0,
  };
  const tell = (news: Partial<Account>): void => {
    account = { ...account, ...news };
    // the root is gone, then so are we
    call.tell(account).catch(() => {});
  };
  const onProblem = (error: MusterError | null): void => {
    const problem = error?.message.slice(0, 500) ?? null;
    if (problem !== account.problem) tell({ problem });
  };
  const { config } = plan;
  clock.after(SETTLED_MS, handBackStart);
  const wanted = config.sensors && new Set(config.sensors);
  const isWanted = ({ sensor }: ChannelInfo): boolean => !wanted || wanted.has(sensor);

  if (config.kind === 'prometheus') {
    const { servePrometheus } = await import('./prometheus.ts');
    let day = dayOf(clock);
    const onAsked = (): void => {
      const now = dayOf(clock);
      tell({ today: now === day ? account.today + 1 : 1 });
      day = now;
    };
    const isThere = (channel: ChannelInfo): boolean =>
      isWanted(channel) && Object.hasOwn(plan.sensors, channel.sensor);
    await servePrometheus(
      {
        config,
        device: plan.device,
        source: call,
        isWanted: isThere,
        onListening: () => tell({}),
        onAsked,
        onProblem,
        clock,
      },
      stop.signal,
    );
  } else {
    const sender = await senderOf(plan, config, onProblem);
    stop.signal.addEventListener('abort', () => void sender.close().then(() => process.exit()));
    await pump(
      {
        source: call,
        positions: positionFile(join(plan.folder, `${config.id}.json`), log),
        from: config.from,
        isWanted,
        sender,
        everyMs: config.kind === 'http' ? config.everyMs : 0,
        tell,
        onProblem,
        clock,
      },
      stop.signal,
    );
    await sender.close();
  }
  process.exit();
}

async function senderOf(
  plan: PublisherPlan,
  config: Exclude<PublisherConfig, { kind: 'prometheus' }>,
  onProblem: (error: MusterError | null) => void,
): Promise<Sender> {
  const shared = { onProblem, clock, random: Math.random };
  if (config.kind === 'http') {
    const access = () => httpAccess(config, plan.state);
    access();
    const { httpSender } = await import('./http-sender.ts');
    return httpSender({ config, device: plan.device.id, access, ...shared });
  }
  const access = () => mqttAccess(config, plan.state);
  access();
  const [{ mqttSender }, { Announced }] = await Promise.all([
    import('./mqtt-sender.ts'),
    import('./announced.ts'),
  ]);
  const wanted = Object.entries(plan.sensors).filter(
    ([id]) => !config.sensors || config.sensors.includes(id),
  );
  return mqttSender({
    config,
    device: plan.device,
    sensors: Object.fromEntries(wanted),
    announced: new Announced(join(plan.folder, `${config.id}.announced.json`)),
    access,
    ...shared,
  });
}

function mqttAccess({ passwordFile, caFile }: MqttConfig, state: string) {
  return {
    ...(passwordFile !== undefined && { password: readSecret('passwordFile', passwordFile, state) }),
    ...(caFile !== undefined && { ca: readText('caFile', caFile, state) }),
  };
}

function httpAccess({ tokenFile, headersFile, caFile }: HttpConfig, state: string) {
  const headers =
    headersFile === undefined
      ? {}
      : parseHeaders('headersFile', readSecret('headersFile', headersFile, state));
  if (tokenFile !== undefined)
    headers['authorization'] = `Bearer ${readSecret('tokenFile', tokenFile, state)}`;
  return { headers, ...(caFile !== undefined && { ca: readText('caFile', caFile, state) }) };
}
