/**
 * Everything by which the device acts: its outputs, its rules, the log of what happened, put together for the tree and
 * for control. Refuses: to decide. Called by daemon.ts, once.
 */
import type { DeviceContract } from '../src/shared/device-contract.ts';
import type { Log } from '../src/shared/log.ts';
import type { OutputState } from '../src/shared/output.ts';
import type { Handlers } from '../src/shared/peer.ts';
import type { Clock } from '../src/shared/time.ts';
import type { deviceOutputCalls } from '../src/shared/device-output-calls.ts';
import type { Config } from './config.ts';
import type { RunOutlet } from './host/columns.ts';
import type { ChildSpec } from './otp/child.ts';
import type { Ticker } from './otp/ticker.ts';
import { EventLog } from './outputs/event-log.ts';
import { HeldLines } from './outputs/held-lines.ts';
import { LastValues } from './outputs/last-values.ts';
import { Outputs } from './outputs/outputs.ts';
import { endEarlier, outputsHostSpec } from './outputs/outputs-host.ts';
import type { Paths } from './platform/paths.ts';
import { channelKey, ReadingFeed } from './rules/reading-feed.ts';
import { Rules } from './rules/rules.ts';
import type { ClockKeeper } from './time/clock-keeper.ts';

export interface ActingOptions {
  config: Config;
  paths: Paths;
  /** Program file that the outputs' host is started from. */
  entry: URL;
  /** Ids of the sensors there are. */
  sensors: ReadonlySet<string>;
  /** Where readings go. */
  outlet: RunOutlet;
  time: ClockKeeper;
  run: () => number;
  isSafe: () => boolean;
  ticker: Ticker;
  clock: Clock;
  log: Log;
}

export interface Acting {
  /** The outlet for all readings: rules see what passes. */
  outlet: RunOutlet;
  /** First in the tree: nothing is more urgent at a start than where the outputs are. */
  first: ChildSpec[];
  /** After the sensors. */
  last: ChildSpec[];
  calls: Pick<Handlers<DeviceContract>, keyof typeof deviceOutputCalls>;
  rows: () => OutputState[];
}

/** How long an answer waits for the disk, ms. */
const DISK_MS = 500;

export async function startActing(options: ActingOptions): Promise<Acting> {
  const { config, paths, outlet, time, run, clock, log } = options;
  const { outputs: configs, interlocks, rules: declared } = config;
  const timeZone = config.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const events = new EventLog(paths.events, log);
  const last = new LastValues(paths.outputs, log);
  const stamp = (monotonicMs: number) => {
    const { offsetMs, clock: source } = time.belief;
    return { at: offsetMs + monotonicMs, clock: source, run: run() };
  };
  const outputs = new Outputs({
    outputs: configs,
    interlocks,
    events,
    last,
    clock,
    stamp,
    register: (channels) => outlet.register(channels),
    record: (...reading) => outlet.record(...reading),
  });
  const wanted = declared.flatMap(({ when }) => (when ? [channelKey(when.sensor, when.channel)] : []));
  const feed = new ReadingFeed(wanted);
  const rules = new Rules({
    ...options,
    rules: declared,
    configs,
    timeZone,
    feed,
    outputs,
    events,
    stamp,
    belief: () => time.belief,
  });
  const simulated = config.buses
    .filter(({ kind }) => kind === 'sim' || kind === 'sim-modbus')
    .map(({ id }) => id);
  const chips = Object.fromEntries(
    config.buses.flatMap((bus) => (bus.kind === 'gpio' ? [[bus.id, bus.device]] : [])),
  );
  const modbus = config.buses.filter(({ kind }) => kind === 'modbus-rtu' || kind === 'modbus-tcp');
  const held = new HeldLines(paths.heldLines, { outputs: [...configs], simulated, chips, modbus }, log);
  const host = outputsHostSpec({
    plan: {
      prefix: paths.prefix,
      outputs: [...configs],
      interlocks: [...interlocks],
      retired: [...held.retired],
      simulated: [...held.simulated],
      chips: { ...held.chips },
      modbus: [...held.modbus],
      orphans: paths.orphans,
    },
    last,
    held,
    outputs,
    cellPath: paths.outputsCell,
    entry: options.entry,
    memoryMb: config.hosts.memoryMb,
  });
  const isNeeded = configs.length > 0 || held.retired.length > 0;
  if (!isNeeded) await endEarlier(paths.outputsCell, clock, log);
  return {
    outlet: feed.tap(outlet),
    first: isNeeded ? [host] : [],
    rows: () => outputs.rows(),
    last: declared.length > 0 ? [rules.spec(options.ticker)] : [],
    calls: {
      outputs: () => ({ outputs: outputs.rows() }),
      async setOutput({ output, value, forMs, by }) {
        const who = { output, cause: 'person', by } as const;
        const deed =
          value === null
            ? ({ kind: 'release', ...who } as const)
            : ({ kind: 'set', ...who, value, forMs } as const);
        const row = await outputs.command(deed);
        // who is told that it is done finds it written down; a card that hangs keeps nobody waiting
        await Promise.race([events.settled(), new Promise<void>((go) => clock.after(DISK_MS, go))]);
        return { output: row };
      },
      rules: () => ({ rules: rules.rows(), timeZone: rules.timeZone, clockSet: rules.isClockSet }),
      events: ({ after, limit }) => events.after(after, limit),
    },
  };
}
