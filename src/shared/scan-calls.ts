/** The part of the engine contract that is about what hangs on the buses of devices. */
import * as z from 'zod';
import { deviceScanCalls } from './device-scan-calls.ts';
import type { Contract } from './peer.ts';

const device = z.string().min(1).max(120);

export const scanCalls = {
  /** As the device's calls. Both throw UNSUPPORTED by an older daemon. */
  'scan.buses': { input: z.object({ device }), output: deviceScanCalls.buses.output },
  'scan.bus': {
    input: deviceScanCalls.scanBus.input.extend({ device }),
    output: deviceScanCalls.scanBus.output,
  },
} satisfies Contract['calls'];
