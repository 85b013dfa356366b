/** A stage for supervisors on a fake clock: puppets as children, and a journal of what happened to them. */
import { type Child, type ExitReason, KILLED, SHUTDOWN } from '../../../device/otp/child.ts';
import type { Report } from '../../../device/otp/report.ts';
import { startSupervisor, type Supervisor, type SupervisorInit } from '../../../device/otp/supervisor.ts';
import type { AnyChildSpec, SupervisorSpec } from '../../../device/otp/supervisor-spec.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

/** How a puppet takes being asked to end: obeys, plays deaf, or ends for another reason; and whether killing works. */
export interface Manners {
  onShutdown?: 'deaf' | ExitReason;
  /** Milliseconds it takes to obey. */
  slowMs?: number;
  unkillable?: boolean;
}

/** A child whose strings are in the hands of a test. */
export class Puppet implements Child {
  readonly exited: Promise<ExitReason>;
  readonly name: string;
  readonly args: readonly unknown[];
  ended: ExitReason | null = null;
  readonly #stage: Stage;
  readonly #manners: Manners;
  readonly #settle: (reason: ExitReason) => void;

  constructor(stage: Stage, name: string, manners: Manners, args: readonly unknown[]) {
    this.#stage = stage;
    this.name = name;
    this.#manners = manners;
    this.args = args;
    const { promise, resolve } = Promise.withResolvers<ExitReason>();
    this.exited = promise;
    this.#settle = resolve;
  }

  /** Ends by itself. */
  end(reason: ExitReason): void {
    if (this.ended) return;
    this.ended = reason;
    this.#stage.journal.push(`- ${this.name} ${reason.kind}`);
    this.#settle(reason);
  }

  shutdown(): void {
    const { onShutdown = SHUTDOWN, slowMs } = this.#manners;
    if (onShutdown === 'deaf') return;
    if (slowMs === undefined) this.end(onShutdown);
    else this.#stage.clock.after(slowMs, () => this.end(onShutdown));
  }

  kill(): void {
    if (!this.#manners.unkillable) this.end(KILLED);
  }
}

export class Stage {
  readonly clock = new FakeClock();
  /** `+ id` for a start, `! id` for a failed one, `- id kind` for an end. */
  journal: string[] = [];
  readonly reports: Report[] = [];
  /** How many of the next starts of an id fail. */
  readonly faults = new Map<string, number>();
  readonly #puppets = new Map<string, Puppet[]>();

  /** A spec for a puppet. */
  child(id: string, more: Partial<AnyChildSpec> = {}, manners: Manners = {}): AnyChildSpec {
    const start = (_context: unknown, ...args: readonly unknown[]): Puppet => {
      const faults = this.faults.get(id) ?? 0;
      if (faults > 0) {
        this.faults.set(id, faults - 1);
        this.journal.push(`! ${id}`);
        throw new MusterError('BUS_NACK', `${id} does not answer`);
      }
      const puppet = new Puppet(this, id, manners, args);
      this.#puppets.set(id, [...(this.#puppets.get(id) ?? []), puppet]);
      this.journal.push(`+ ${id}`);
      return puppet;
    };
    return { id, start, ...more };
  }

  /** A spec for a nested supervisor. */
  branch(id: string, spec: SupervisorSpec, more: Partial<AnyChildSpec> = {}): AnyChildSpec {
    const start: AnyChildSpec['start'] = (context) => startSupervisor(spec, context);
    return { id, type: 'supervisor', start, ...more };
  }

  /** All incarnations of an id, oldest first. */
  all(id: string): readonly Puppet[] {
    return this.#puppets.get(id) ?? [];
  }

  /** The last incarnation. */
  now(id: string): Puppet {
    const puppet = this.all(id).at(-1);
    if (!puppet) throw new Error(`no puppet ${id} was ever started`);
    return puppet;
  }

  /** True when the last incarnation has not ended. */
  alive(id: string): boolean {
    return this.all(id).length > 0 && this.now(id).ended === null;
  }

  supervise(spec: SupervisorSpec): Promise<Supervisor>;
  supervise(init: SupervisorInit): Promise<Supervisor | 'ignore'>;
  supervise(init: SupervisorInit): Promise<Supervisor | 'ignore'> {
    const onReport = (report: Report): void => void this.reports.push(report);
    return startSupervisor(init, { path: 'root', clock: this.clock, random: () => 0.5, onReport });
  }

  /** Ends the last incarnation of `id` and lets the supervisors act. */
  async end(id: string, reason: ExitReason = fault(id)): Promise<void> {
    this.now(id).end(reason);
    await this.quiet();
  }

  /** Lets everything happen that needs no time. */
  async quiet(): Promise<void> {
    for (let i = 0; i < 10; i++) await settle();
  }

  /** Moves time on and lets everything happen. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.quiet();
  }

  /** What was journalled since the last look. */
  seen(): string[] {
    return this.journal.splice(0);
  }

  /** Contexts of the reports since the last look. */
  told(): string[] {
    return this.reports.splice(0).map(({ context, offender }) => `${context} ${offender.id}`);
  }
}

/** An exit by an error that names its child. */
export function fault(id: string): ExitReason {
  return { kind: 'error', error: new MusterError('DRIVER_CHECKSUM', `${id} crashed`) };
}

/** The state of each child by id. */
export function states(supervisor: Supervisor): Record<string, string> {
  return Object.fromEntries(supervisor.whichChildren().map(({ id, state }) => [id, state]));
}

/** The exit reason, once it is there; `running` before. */
export async function fateOf(child: Child): Promise<ExitReason | 'running'> {
  await settle();
  return await Promise.race([child.exited, settle().then(() => 'running' as const)]);
}
