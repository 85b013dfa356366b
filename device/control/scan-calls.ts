/** Answers the part of the device contract about what hangs on the buses. The work is done in device/host/scanner.ts. */
import type { deviceScanCalls } from '../../src/shared/device-scan-calls.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import type { Scanner } from '../host/scanner.ts';

/** Stands before every handler: refuses, or lets it answer. */
type Before = <I, O>(answer: (input: I) => O) => (input: I) => O;

export function scanHandlers(
  scanner: Scanner,
  before: Before,
): Handlers<{ calls: typeof deviceScanCalls; events: Record<string, never> }> {
  return {
    buses: before(() => scanner.buses()),
    scanBus: before(({ bus }) => scanner.scan(bus)),
  };
}
