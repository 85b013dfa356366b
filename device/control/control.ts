/**
 * Answers the device contract for one connection.
 * Owns: that hello comes first, and how many pulls a connection may have outstanding. Refuses: to hold state of the
 * daemon; every answer comes from its owner. Called by the tree for each pipe of the listener.
 */
import {
  deviceContract,
  PROTOCOL,
  type DeviceContract,
  type DeviceIdentity,
  type DeviceStatus,
  type TreeRow,
} from '../../src/shared/device-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { servePeer, type Handlers } from '../../src/shared/peer.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import type { Clock } from '../../src/shared/time.ts';
import { VERSION } from '../../src/shared/version.ts';
import type { Acting } from '../acting.ts';
import type { Administration } from '../administration/administration.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Firmware } from '../firmware/firmware.ts';
import type { Scanner } from '../host/scanner.ts';
import type { Publishers } from '../publish/publishers.ts';
import type { Recording } from '../recording.ts';
import type { ClockKeeper } from '../time/clock-keeper.ts';
import { configurationHandlers } from './configuration-calls.ts';
import { firmwareHandlers } from './firmware-calls.ts';
import { scanHandlers } from './scan-calls.ts';

/** What the handlers ask. */
export interface ControlParts {
  identity: DeviceIdentity;
  bootId: string;
  clock: Clock;
  time: ClockKeeper;
  /** Looks at the machine's clock. */
  lookAtClock: () => Promise<void>;
  recording: Pick<Recording, 'run' | 'journal' | 'pulls'>;
  status: () => Promise<DeviceStatus>;
  tree: () => TreeRow[];
  administration: Administration;
  acting: Acting['calls'];
  configuration: Configuration;
  scanner: Scanner;
  publishers: Publishers;
  /** Null where the daemon was not started from a slot. */
  firmware: Firmware | null;
}

/** How long an answer waits for a look at the clock, ms. */
const LOOK_MS = 500;

/** Pulls one connection may have outstanding: each is a credit of up to 8 MiB. */
const MAX_PULLS = 2;

/** Serves one connection until it ends. */
export function serveControl(pipe: Pipe, parts: ControlParts): void {
  const gone = new AbortController();
  servePeer(pipe, deviceContract, handlers(parts, gone.signal), () => gone.abort());
}

function handlers(parts: ControlParts, gone: AbortSignal): Handlers<DeviceContract> {
  const { identity, bootId, clock, time, lookAtClock, recording, status, tree, administration, acting } =
    parts;
  const { pulls } = recording;
  const journal = () => recording.journal();
  /** Number of the run now; throws JOURNAL_FAILED before the first. */
  const run = (): number => {
    if (recording.run === 0) journal();
    return recording.run;
  };
  let greeted = false;
  let outstanding = 0;

  /** Every call but hello: refused until hello has been answered. */
  const after = <I, O>(answer: (input: I) => O) => {
    return (input: I): O => {
      if (!greeted) throw new MusterError('BAD_INPUT', 'hello comes first', {});
      return answer(input);
    };
  };

  return {
    async hello({ protocol }) {
      if (protocol !== PROTOCOL)
        throw new MusterError(
          'PROTOCOL_MISMATCH',
          `this daemon speaks protocol ${PROTOCOL}, not ${protocol}`,
          {
            expected: PROTOCOL,
            actual: protocol,
            daemonVersion: VERSION,
          },
        );
      greeted = true;
      parts.firmware?.greeted();
      // a laptop that comes offers its time by this answer; a journal that fails or hangs keeps nobody from it
      await soon(lookAtClock(), clock);
      return {
        protocol: PROTOCOL,
        daemonVersion: VERSION,
        device: identity,
        run: run(),
        bootId,
        monotonicMs: clock.monotonic(),
        wallMs: clock.wall(),
        clock: time.belief.clock,
        clockChanges: time.changes,
      };
    },
    runs: after(async ({ from }) => {
      const runs = await journal().runs(from);
      for (const row of runs) row.current = row.run === run();
      return { runs };
    }),
    channels: after(async ({ run, from }) => ({ channels: await journal().channels(run, from) })),
    pull: after(async (pull) => {
      if (outstanding >= MAX_PULLS)
        throw new MusterError('BAD_INPUT', `more than ${MAX_PULLS} pulls at once`, { allowed: MAX_PULLS });
      outstanding++;
      try {
        const answer = await pulls.pull(pull, gone);
        return { ...answer, clockChanges: time.changes };
      } finally {
        outstanding--;
      }
    }),
    offerTime: after((offer) => time.offer(journal(), run(), offer)),
    clock: after(async () => ({
      run: run(),
      monotonicMs: clock.monotonic(),
      believed: time.belief,
      ...(await journal().clockNotes()),
    })),
    status: after(() => status()),
    tree: after(() => ({ rows: tree() })),
    restartBranch: after(({ path }) => done(administration.restartBranch(path))),
    takeOut: after(({ sensor }) => done(administration.takeOut(sensor))),
    putBack: after(({ sensor }) => done(administration.putBack(sensor))),
    leaveSafeMode: after(() => done(administration.leaveSafeMode())),
    ...firmwareHandlers(parts.firmware, after),
    ...configurationHandlers(parts.configuration, after),
    ...scanHandlers(parts.scanner, after),
    publishers: after(async () => ({ publishers: await parts.publishers.rows() })),
    outputs: after(acting.outputs),
    setOutput: after(acting.setOutput),
    rules: after(acting.rules),
    events: after(acting.events),
  };
}

/** An answer that says nothing but that it is done. */
async function done(deed: Promise<void>): Promise<Record<string, never>> {
  await deed;
  return {};
}

/** Settles when `work` has ended, well or badly, or taken too long. */
function soon(work: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(LOOK_MS, resolve);
    const end = (): void => {
      cancel();
      resolve();
    };
    work.then(end, end);
  });
}
