/** Calls about what hangs on the buses of devices: each device looks for itself. */
import type { AreaHandlers, Parts } from './parts.ts';

export function scanHandlers({ links }: Parts): AreaHandlers<'scan'> {
  return {
    'scan.buses': ({ device }) => links.live(device).call.buses({}),
    'scan.bus': ({ device, bus }) => links.live(device).call.scanBus({ bus }),
  };
}
