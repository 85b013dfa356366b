/** How patient every supervisor of the daemon is with a child that fails. */
import type { SupervisorSpec } from './otp/supervisor-spec.ts';

/**
 * The first fault is answered at once: most are single, and a sensor should not miss a reading for one. From the
 * second on the child waits longer each time; after five in a minute it is left out and tried again every minute.
 */
export const PATIENCE = {
  strategy: 'one_for_one',
  intensity: 5,
  periodMs: 60_000,
  backoff: { immediate: 1, firstMs: 200, capMs: 5000 },
  giveUp: { retryMs: 60_000 },
} as const satisfies Partial<SupervisorSpec>;
