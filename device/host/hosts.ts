/**
 * The drivers' branch of the tree: one supervised host a bus. Each outlives its neighbours' faults; a sensor that keeps
 * bringing its host down is left out so that the rest of its bus can go on.
 * Owns: the count of such sensors, over restarts of their hosts. Called by the tree.
 */
import type { Config, SensorConfig } from '../config.ts';
import type { ChildSpec } from '../otp/child.ts';
import type { SupervisorSpec } from '../otp/supervisor-spec.ts';
import { allot } from './allotment.ts';
import { startHost, type HostOptions } from './host.ts';
import { Quarantine } from './quarantine.ts';

/** What all hosts share. */
export interface HostsOptions extends Pick<
  HostOptions,
  'prefix' | 'folder' | 'entry' | 'outlet' | 'isTakenOut'
> {
  config: Config;
  sensors: readonly SensorConfig[];
}

/**
 * A host is brought back at once: every moment without it is a gap for all of its bus. One that cannot stay up for a
 * second, twenty times, is left out for a while; a sensor at fault is left out long before that.
 */
const HOST_PATIENCE = {
  strategy: 'one_for_one',
  intensity: 20,
  periodMs: 20_000,
  backoff: { firstMs: 10, capMs: 1000, resetAfterMs: 1000 },
  giveUp: { retryMs: 5000 },
} as const satisfies Partial<SupervisorSpec>;

/** The branch as it is declared. Counts of earlier faults begin anew with each call. */
export function hostsBranch({ config, sensors, ...shared }: HostsOptions): SupervisorSpec {
  const { heartbeatMs: beatMs, allowanceMs, intensity, retryMs } = config.hosts;
  const children = allot(config, sensors).map((allotment): ChildSpec => {
    const quarantine = new Quarantine({ intensity, periodMs: 60_000, retryMs });
    let starts = 0;
    return {
      id: allotment.id,
      type: 'supervisor',
      shutdown: 5000,
      start: (context) =>
        startHost({ ...shared, allotment, beatMs, allowanceMs, quarantine, again: starts++ > 0 }, context),
    };
  });
  return { ...HOST_PATIENCE, children };
}
