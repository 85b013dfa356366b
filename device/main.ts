/**
 * The daemon's commands. One file is the whole program: run, bridge, version, check; and the journal's thread, which
 * is started from the same file. So are the hosts, `host CELL`, the only ones that load drivers while it runs, and the
 * process that holds the outputs, `outputs CELL`. Settings come from <prefix>/var/lib/muster/config.yaml, `config.yaml`
 * beside this program, and two variables:
 * MUSTER_PREFIX (folder that stands for the machine's root; empty: the root) and MUSTER_ANNOUNCE_INTERFACE (address
 * of the only interface to announce on).
 */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PROTOCOL } from '../src/shared/device-contract.ts';
import { toMusterError } from '../src/shared/errors.ts';
import { CONFIG_PATH } from '../src/shared/firmware.ts';
import type { Log } from '../src/shared/log.ts';
import { VERSION } from '../src/shared/version.ts';
import { configurationSchema } from './config.ts';
import { startDaemon } from './daemon.ts';
import { isHostThread } from './host/host-link.ts';
import { isJournalThread, serveJournal } from './journal/journal-worker.ts';
import { isPublisherThread } from './publish/publisher-thread.ts';
import { exitInWords } from './otp/report.ts';
import type { Supervisor } from './otp/supervisor.ts';
import { deviceClock } from './platform/device-clock.ts';
import { openMachine } from './platform/machine.ts';
import { pathsOf, type Paths } from './platform/paths.ts';
import { handBackStart, keepHeapSmall } from './platform/small-heap.ts';
import { defaultSensors } from './sensors/default-sensors.ts';
import { feedEveryMs, serviceNotify } from './service/notify.ts';
import { settleTrial } from './configuration/trial-file.ts';
import { readStation } from './station-config.ts';

const USAGE = `muster-daemon ${VERSION}

  run             start the daemon
  bridge          join standard input and output to the daemon's socket
  check [FILE]    check the configuration and print the tree it makes
  judge           read a configuration from standard input and print what is wrong with it as JSON
  schema          print the JSON schema of the configuration
  version         print version, protocol and runtime as JSON

Exit codes: 0 done; 1 failed; 2 usage; 3 configuration invalid; 4 a daemon runs already; 5 no daemon answers;
6 ended to be started again; 7 a driver of the firmware's own cannot be used.
`;

/** By then every sensor has been set up, ms. */
const SETTLED_MS = 5000;

const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 3,
  running: 4,
  unreachable: 5,
  again: 6,
  driver: 7,
} as const;
type Exit = (typeof EXIT)[keyof typeof EXIT];

/** What a firmware may bring beside this program: the station's configuration, drivers of its own. */
const FIRMWARE_CONFIG = new URL(CONFIG_PATH, import.meta.url);
const OWN_DRIVERS = new URL('drivers/', import.meta.url);

/** How often systemd is told how the daemon does where its watchdog is not set, ms. */
const TELL_EVERY_MS = 10_000;

const log: Log = (level, message, fields) => {
  const facts = fields ? ` ${JSON.stringify(fields)}` : '';
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${facts}\n`);
};

async function run(paths: Paths): Promise<Exit> {
  settleTrial(paths, deviceClock.wall(), log);
  const { config, problem, byFirmware } = readStation(paths.config, fileURLToPath(FIRMWARE_CONFIG));
  if (problem) log('error', 'a configuration is invalid and left aside', { why: problem.message });
  if (byFirmware) log('info', 'sensors and buses are those of the firmware', { file: FIRMWARE_CONFIG.href });
  const notify = serviceNotify(process.env, log);
  let again = false;
  const root: Supervisor = await startDaemon({
    paths,
    machine: openMachine(paths.prefix),
    config,
    configProblem: problem,
    byFirmware,
    entry: new URL(import.meta.url),
    announceOn: process.env['MUSTER_ANNOUNCE_INTERFACE'] || null,
    restart: () => {
      again = true;
      root.shutdown();
    },
    service: notify && { notify, everyMs: feedEveryMs(process.env) ?? TELL_EVERY_MS },
    log,
  });
  const cancelHandBack = deviceClock.after(SETTLED_MS, handBackStart);
  log('info', 'running', { version: VERSION, socket: paths.socket, pid: process.pid });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      log('info', 'stopping', { signal });
      root.shutdown();
    });
  const reason = await root.exited;
  cancelHandBack();
  log('info', 'stopped', { reason: exitInWords(reason) });
  if (reason.kind !== 'shutdown' && reason.kind !== 'normal') return EXIT.failed;
  return again ? EXIT.again : EXIT.ok;
}

/** Joins standard input and output to the socket, for SSH servers that forward no sockets. */
function bridge(paths: Paths): Promise<Exit> {
  return new Promise((resolve) => {
    const socket = connect(paths.socket);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      process.stdin.pipe(socket);
      socket.pipe(process.stdout);
    });
    socket.once('error', (error) => {
      process.stderr.write(`no daemon on ${paths.socket}: ${error.message}\n`);
      resolve(connected ? EXIT.failed : EXIT.unreachable);
    });
    socket.once('close', () => resolve(EXIT.ok));
    process.stdout.once('error', () => socket.destroy());
  });
}

async function check(paths: Paths, file: string | undefined): Promise<Exit> {
  const { config, problem } = readStation(
    file ?? paths.config,
    file === undefined ? fileURLToPath(FIRMWARE_CONFIG) : null,
  );
  if (problem) {
    process.stderr.write(`${problem.message}\n`);
    return EXIT.config;
  }
  const { problemsOf } = await import('./sensors/sensors.ts');
  const { loadOwnDrivers } = await import('./drivers/own-drivers.ts');
  const own = await loadOwnDrivers(fileURLToPath(OWN_DRIVERS), deviceClock);
  for (const { message } of own.problems) process.stderr.write(`${message}\n`);
  const sensors = config.sensors ?? defaultSensors(openMachine(paths.prefix));
  const { outputs, rules, buses } = config;
  const lines = ['muster', ...(outputs.length > 0 ? ['  outputs'] : [])];
  for (const { id, kind, bus } of outputs) {
    const wrong = buses.some((known) => known.id === bus) ? '' : `: will fail, there is no bus ${bus}`;
    lines.push(`    ${id} (${kind})${wrong}`);
  }
  lines.push('  journal', '  batcher', '  health', '  sensors');
  const problems = problemsOf(sensors, buses, own.drivers);
  for (const [i, sensor] of sensors.entries()) {
    const wrong = problems[i];
    lines.push(`    ${sensor.id} (${sensor.driver})${wrong ? `: will fail, ${wrong.message}` : ''}`);
  }
  if (rules.length > 0) lines.push('  rules', ...rules.map(({ id }) => `    ${id}`));
  lines.push('  control', ...config.publishers.map(({ id }) => `  publisher ${id}`));
  lines.push(...(config.announce.by === 'self' ? ['  announcer'] : []));
  process.stdout.write(`${lines.join('\n')}\n`);
  return own.problems.length > 0 ? EXIT.driver : EXIT.ok;
}

/** What device/configuration asks of a process apart from the root. */
async function judge(): Promise<Exit> {
  const { problemsOfDocument } = await import('./configuration/problems.ts');
  const { loadOwnDrivers } = await import('./drivers/own-drivers.ts');
  const own = await loadOwnDrivers(fileURLToPath(OWN_DRIVERS), deviceClock);
  const problems = problemsOfDocument(await text(process.stdin), own.drivers);
  process.stdout.write(`${JSON.stringify(problems)}\n`);
  return EXIT.ok;
}

function version(): Exit {
  const { platform, arch } = process;
  const facts = { version: VERSION, protocol: PROTOCOL, node: process.versions.node, platform, arch };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
  return EXIT.ok;
}

async function main(args: string[]): Promise<Exit> {
  const [command, file] = args;
  const paths = pathsOf(process.env['MUSTER_PREFIX'] ?? '');
  if (command === 'run') return run(paths);
  if (command === 'bridge') return bridge(paths);
  if (command === 'check') return check(paths, file);
  if (command === 'judge') return judge();
  if (command === 'schema') {
    process.stdout.write(`${configurationSchema()}\n`);
    return EXIT.ok;
  }
  if (command === 'version') return version();
  const help = command === '--help' || command === 'help';
  (help ? process.stdout : process.stderr).write(USAGE);
  return help ? EXIT.ok : EXIT.usage;
}

keepHeapSmall();
if (isJournalThread()) serveJournal();
else if (isPublisherThread()) await (await import('./publish/publisher-program.ts')).servePublisher();
else if (isHostThread()) (await import('./host/host-program.ts')).serveHostThread();
else if (process.argv[2] === 'host')
  (await import('./host/host-program.ts')).serveHostProcess(process.argv[3] ?? '');
else if (process.argv[2] === 'outputs')
  (await import('./outputs/outputs-host-program.ts')).serveOutputsHost(process.argv[3] ?? '');
else
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (thrown: unknown) => {
      const error = toMusterError(thrown);
      log('error', error.message, { code: error.code });
      process.exitCode = error.code === 'ALREADY_RUNNING' ? EXIT.running : EXIT.failed;
    },
  );
