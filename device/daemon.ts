/**
 * The running daemon: makes the parts, hands them to the tree, answers what it is asked about itself.
 * Owns: the run. Refuses: to start beside another daemon of the same prefix (ALREADY_RUNNING).
 * Called by main, and by tests with a prefix of their own.
 */
import { mkdirSync } from 'node:fs';
import { PROTOCOL, type DeviceStatus, type SensorState } from '../src/shared/device-contract.ts';
import { MusterError, toMusterError } from '../src/shared/errors.ts';
import type { Log } from '../src/shared/log.ts';
import type { Clock } from '../src/shared/time.ts';
import { VERSION } from '../src/shared/version.ts';
import { startActing } from './acting.ts';
import { Administration, TAKEN_OUT } from './administration/administration.ts';
import { TakenOut } from './administration/taken-out.ts';
import type { Config } from './config.ts';
import { Configuration } from './configuration/configuration.ts';
import { judgeIn } from './configuration/judge.ts';
import { answers } from './control/listener.ts';
import { Firmware, slotOf } from './firmware/firmware.ts';
import { atWork, type Observed } from './health/demands.ts';
import { perDay, Rates } from './health/health.ts';
import { WriteMeter } from './health/write-meter.ts';
import { hardwareWatchdog } from './health/watchdog.ts';
import { endLeftovers } from './host/leftovers.ts';
import { Scanner } from './host/scanner.ts';
import { beginLife } from './mode/life.ts';
import { startSupervisor, type Supervisor } from './otp/supervisor.ts';
import { Ticker } from './otp/ticker.ts';
import { bootId, clockEvidence, deviceClock } from './platform/device-clock.ts';
import { residentBytes, storageBytesWritten } from './platform/health.ts';
import { readIdentity } from './platform/identity.ts';
import type { Machine } from './platform/machine.ts';
import type { Paths } from './platform/paths.ts';
import { TimeService } from './platform/time-service.ts';
import { Publishers } from './publish/publishers.ts';
import { Recording } from './recording.ts';
import { defaultSensors } from './sensors/default-sensors.ts';
import { CONFIG_ROW, configurationRow, SensorBoard, stoppedRow } from './sensors/sensor-board.ts';
import type { Notify } from './service/notify.ts';
import { ClockKeeper } from './time/clock-keeper.ts';
import { daemonTree } from './tree.ts';

export interface DaemonOptions {
  paths: Paths;
  machine: Machine;
  config: Config;
  /** What was wrong with the configuration, shown as a failing sensor; null when it was fine. */
  configProblem: MusterError | null;
  /** True when sensors and buses are the firmware's. Default false. */
  byFirmware?: boolean;
  /** Program file the journal's thread and the hosts are started from. */
  entry: URL;
  /** Announce on the interface with this address only; null: on all but loopback. */
  announceOn: string | null;
  /** Tells the service manager, every so many ms; null: there is none. */
  service?: { notify: Notify; everyMs: number } | null;
  /** Ends this daemon in order and has another started. Without it firmware cannot be changed. */
  restart?: () => void;
  log: Log;
  /** The machine's clock unless told. */
  clock?: Clock;
}

/** Starts everything. The returned root ends after `shutdown()`, the journal flushed, or when it cannot go on. */
export async function startDaemon(options: DaemonOptions): Promise<Supervisor> {
  const { paths, machine, config, configProblem, entry, log } = options;
  mkdirSync(paths.state, { recursive: true });
  mkdirSync(paths.run, { recursive: true });
  if (await answers(paths.socket))
    throw new MusterError('ALREADY_RUNNING', `a daemon answers on ${paths.socket} already`, {
      path: paths.socket,
    });

  const clock = options.clock ?? deviceClock;
  endLeftovers(paths.hosts, log);
  const ticker = new Ticker(clock);
  const identity = readIdentity(paths.identity, machine);
  const boot = bootId(machine);
  const sensors = config.sensors ?? defaultSensors(machine);
  const board = new SensorBoard([CONFIG_ROW, ...sensors.map(({ id }) => id)]);
  const slot = options.restart ? slotOf(entry, paths.opt) : null;
  const firmware =
    slot && options.restart
      ? await Firmware.start({
          opt: paths.opt,
          trust: paths.trust,
          running: slot,
          machine: {
            arch: machine.arch,
            runtime: process.versions.node,
            configVersion: config.version,
          },
          limits: config.firmware,
          clock,
          log,
          freeBytes: () => machine.space(paths.opt).freeBytes,
          atWork: () => atWork(found()),
          observe,
          restart: options.restart,
          busyElsewhere: () => configuration.busy,
          onConfirmed: () => life.prove(),
        })
      : null;
  const configuration = new Configuration({
    places: paths,
    byFirmware: options.byFirmware ?? false,
    judge: judgeIn(entry, paths.prefix),
    busyElsewhere: () => firmware?.busy ?? null,
    observe: found,
    restart: (slot && options.restart) || null,
    clock,
    log,
  });
  const life = beginLife({ path: paths.life, boot, trial: firmware?.onTrial ?? false, clock, log });
  const takenOut = new TakenOut(paths.takenOut);
  const rates = new Rates(clock);
  const writes = new WriteMeter(clock);
  const startedAt = clock.monotonic();
  const timeService = new TimeService({ machine, clock });
  const time = new ClockKeeper({
    clock,
    evidence: () => clockEvidence(machine, timeService.syncedAt),
    log,
  });
  let root: Supervisor | null = null;

  const recording = new Recording({
    path: paths.journal,
    limits: config.journal,
    entry,
    bootId: boot,
    time,
    clock,
    log,
  });

  /** Without a journal there is nowhere to note what is seen: the next look sees it again. */
  async function lookAtClock(): Promise<void> {
    timeService.look();
    if (recording.isOpen) await time.look(recording.journal(), recording.run);
  }

  async function look(): Promise<void> {
    rates.look(recording.intake.recorded);
    writes.look(storageBytesWritten());
    await lookAtClock();
  }

  async function status(): Promise<DeviceStatus> {
    const figures = await recording.journal().figures();
    const uptimeMs = clock.monotonic() - startedAt;
    const onDisk = storageBytesWritten();
    const ofJournal = writes.waitMs > 0 ? 0 : perDay(figures.appendedBytes, uptimeMs);
    return {
      uptimeS: uptimeMs / 1000,
      daemonVersion: VERSION,
      nodeVersion: process.versions.node,
      sensors: sensorRows(),
      readingsPerS: rates.perS,
      journal: {
        batches: figures.batches,
        bytes: figures.bytes,
        maxBytes: config.journal.maxBytes,
        // a file system in memory is not counted by the kernel
        bytesPerDay: onDisk > 0 ? writes.perDay(onDisk) : ofJournal,
        bytesPerDayInMs: writes.waitMs,
        bytesPerDayFrom: onDisk > 0 ? 'kernel' : 'journal',
        trimmedBatches: figures.trimmedBatches,
        damagedBatches: figures.damagedBatches,
        asides: figures.asides.slice(-20),
        ...recording.waiting(),
      },
      disk: machine.space(paths.state),
      memoryBytes: residentBytes(),
      clock: time.belief.clock,
      mode: life.mode,
      modeReason: life.reason,
      watchdog: hardwareWatchdog(machine),
    };
  }

  /** What sensors said, and for those that may not run why. */
  function sensorRows(): SensorState[] {
    const told = new Map(board.rows().map((row) => [row.sensor, row]));
    const problem = told.get(CONFIG_ROW);
    const rows = sensors.flatMap((sensor): SensorState | [] => {
      if (takenOut.sensors.has(sensor.id)) return { ...stoppedRow(sensor, TAKEN_OUT), takenOut: true };
      if (life.mode === 'safe') return stoppedRow(sensor, 'safe mode');
      return told.get(sensor.id) ?? [];
    });
    return problem ? [problem, ...rows] : rows;
  }

  /** What a trial is judged by, as far as it is known without asking. */
  function found(): Observed {
    return {
      tree: root?.rows() ?? [],
      journalProblem: recording.problem,
      controlAnswers: true,
      sensors: sensorRows(),
      configured: configProblem ? null : (config.sensors?.map(({ id }) => id) ?? null),
      outputs: acting.rows(),
    };
  }

  async function observe(): Promise<Observed> {
    if (recording.isOpen) await recording.journal().figures();
    return { ...found(), controlAnswers: await answers(paths.socket) };
  }

  /** One line for `systemctl status`. */
  function inOneLine(): string {
    if (life.reason !== null) return `safe mode, drivers off: ${life.reason}`;
    const rows = sensorRows();
    return `${rows.filter(({ state }) => state === 'ok').length} of ${rows.length} sensors measure`;
  }

  if (configProblem) board.report(configurationRow(configProblem));

  if (life.reason !== null) log('error', 'safe mode: the drivers stay off', { why: life.reason });

  const administration = new Administration({
    root: () => root,
    life,
    clock,
    takenOut,
    sensors: new Set(sensors.map(({ id }) => id)),
  });
  const acting = await startActing({
    config,
    paths,
    entry,
    sensors: new Set(sensors.map(({ id }) => id)),
    outlet: {
      register: (channels) => channels.map((channel) => recording.intake.register(channel)),
      record: (channel, atMs, value, quality) => recording.intake.record(channel, atMs, value, quality),
      report: (state) => board.report(state),
    },
    time,
    run: () => recording.run,
    isSafe: () => life.mode === 'safe',
    ticker,
    clock,
    log,
  });
  const { announce } = config;
  const name = config.name ?? identity.hostname;
  const publishers = new Publishers({
    publishers: config.publishers,
    plan: {
      state: paths.state,
      folder: paths.publishers,
      device: { ...identity, name },
      sensors: Object.fromEntries([
        ...sensors.map(({ id, driver }) => [id, driver]),
        ...config.outputs.map(({ id }) => [id, 'output']),
      ]),
    },
    entry,
    recording,
    status,
    clock,
    log,
  });
  const hosts = { prefix: paths.prefix, folder: paths.hosts, entry };
  const spec = daemonTree({
    config,
    ticker,
    recording,
    look,
    hosts: {
      config,
      sensors,
      ...hosts,
      outlet: acting.outlet,
      isTakenOut: (sensor) => takenOut.sensors.has(sensor),
    },
    socket: paths.socket,
    control: {
      identity,
      bootId: boot,
      clock,
      time,
      lookAtClock,
      recording,
      status,
      tree: () => administration.rows(),
      administration,
      acting: acting.calls,
      configuration,
      scanner: new Scanner({ config, sensors, machine, root: () => root, hosts, clock, log }),
      firmware,
      publishers,
    },
    acting,
    publishers: publishers.children,
    isSafe: () => life.mode === 'safe',
    service: options.service
      ? {
          ...options.service,
          asks: {
            'the root of the tree': async () => root?.change('ignore'),
            'the journal': async () => recording.journal().figures(),
            'the control socket': async () => {
              if (!(await answers(paths.socket))) throw new MusterError('CLOSED', 'nobody listens', {});
            },
          },
          status: inOneLine,
          log,
        }
      : null,
    announcer:
      announce.by !== 'self'
        ? null
        : {
            announcement: {
              instance: announce.name ?? name,
              host: identity.hostname,
              port: announce.sshPort,
              txt: { id: identity.id, v: VERSION, p: String(PROTOCOL) },
            },
            addresses: () => machine.addresses(),
            only: options.announceOn,
            clock,
            log,
          },
  });
  try {
    root = await startSupervisor(spec, { path: 'muster', clock, log });
  } catch (error) {
    configuration.stop();
    const { code, message, cause } = toMusterError(error);
    if (code === 'ALREADY_RUNNING') {
      life.withdraw();
      firmware?.stop();
    } else {
      life.abandon();
      await firmware?.didNotStart(cause ? `${message}: ${toMusterError(cause).message}` : message);
    }
    throw error;
  }
  // a root that was not asked to end has failed, and the next life shall know
  void root.exited.then((reason) => {
    configuration.stop();
    if (reason.kind === 'shutdown' && reason.detail === undefined) {
      life.end();
      void firmware?.endInOrder();
    } else {
      life.abandon();
      firmware?.stop();
    }
  });
  await firmware?.cameUp();
  return root;
}
