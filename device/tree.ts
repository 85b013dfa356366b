/**
 * The supervision tree as data: who is started in what order, and what happens when one fails.
 * Every child stands for itself (one_for_one): readings wait in the intake while the journal restarts, clients stay
 * connected while a sensor restarts. Nothing here ends the daemon: a child that keeps failing is left out with an
 * alarm and tried again. Called by daemon.ts.
 */
import { MusterError } from '../src/shared/errors.ts';
import { SENSORS } from './administration/administration.ts';
import { startAnnouncer, type AnnouncerOptions } from './announce/announcer.ts';
import type { Config } from './config.ts';
import { serveControl, type ControlParts } from './control/control.ts';
import { startListener } from './control/listener.ts';
import { hostsBranch, type HostsOptions } from './host/hosts.ts';
import { startActor } from './otp/actor.ts';
import type { Child, ChildSpec } from './otp/child.ts';
import { startSupervisor } from './otp/supervisor.ts';
import type { SupervisorSpec } from './otp/supervisor-spec.ts';
import type { Ticker } from './otp/ticker.ts';
import { PATIENCE } from './patience.ts';
import type { Recording } from './recording.ts';
import { startService, type ServiceOptions } from './service/service.ts';

/** What the children do, from their owners. */
export interface TreeParts {
  config: Config;
  ticker: Ticker;
  recording: Pick<Recording, 'start' | 'flushDue' | 'flush'>;
  /** Outputs, which start before all else, and rules, which start after the sensors. */
  acting: { first: ChildSpec[]; last: ChildSpec[] };
  /** Those who send readings on; after everything that measures and answers. */
  publishers: ChildSpec[];
  /** Looks at clock and rates. */
  look: () => Promise<void>;
  /** Where the drivers run. */
  hosts: HostsOptions;
  socket: string;
  control: ControlParts;
  /** True in safe mode: the drivers are not started. */
  isSafe: () => boolean;
  /** Null: somebody else announces, or nobody. */
  announcer: AnnouncerOptions | null;
  /** Null: no service manager wants to hear from us. */
  service: ServiceOptions | null;
}

const LOOK_MS = 5000;

export function daemonTree(parts: TreeParts): SupervisorSpec {
  const { config, ticker, recording, announcer, service } = parts;
  const journal: ChildSpec = { id: 'journal', start: () => unlessHeld(() => recording.start()) };
  const batcher: ChildSpec = {
    id: 'batcher',
    shutdown: 10_000,
    start: () =>
      startActor(
        {
          everyMs: config.journal.flushMs,
          onTick: () => recording.flushDue(),
          onStop: () => recording.flush(),
        },
        ticker,
      ),
  };
  const health: ChildSpec = {
    id: 'health',
    start: () => startActor({ everyMs: LOOK_MS, firstMs: 1000, onTick: () => parts.look() }, ticker),
  };
  const sensors: ChildSpec = {
    id: SENSORS,
    type: 'supervisor',
    start: (context) => {
      if (parts.isSafe()) return 'ignore';
      return startSupervisor(hostsBranch(parts.hosts), context);
    },
  };
  const first = parts.acting.first.map((spec): ChildSpec => ({
    ...spec,
    start: (context) => unlessHeld(async () => spec.start(context)),
  }));
  const control: ChildSpec = {
    id: 'control',
    start: () => startListener(parts.socket, (pipe) => serveControl(pipe, parts.control)),
  };
  const announce: ChildSpec[] = announcer
    ? [{ id: 'announcer', start: () => startAnnouncer(announcer) }]
    : [];
  const told: ChildSpec[] = service ? [{ id: 'service', start: () => startService(service, ticker) }] : [];
  return {
    ...PATIENCE,
    children: [
      ...first,
      journal,
      batcher,
      health,
      sensors,
      ...parts.acting.last,
      control,
      ...parts.publishers,
      ...announce,
      ...told,
    ],
  };
}

/**
 * A start that fails becomes a child that failed: the others start, control can say what is
 * wrong, and the supervisor tries again. Only a journal that another daemon holds is a reason not to start.
 */
async function unlessHeld<C extends Child | 'ignore'>(start: () => Promise<C>): Promise<C | Child> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof MusterError && error.code === 'ALREADY_RUNNING') throw error;
    return { exited: Promise.resolve({ kind: 'error', error }), shutdown() {}, kill() {} };
  }
}
