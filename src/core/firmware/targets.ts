/** Which kind of target a device is for a firmware file. */
import { nervesTarget, type NervesTargetInput } from '../nerves/nerves-target.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { openPipe } from '../link/open-pipe.ts';
import { deviceTarget } from './device-target.ts';
import type { FirmwareTarget, TargetInput } from './target.ts';

/**
 * The target for one try. `nervesKeys`: whose Nerves firmware this laptop lets out. Throws FIRMWARE_MISFIT when firmware
 * and device are of two kinds, NOT_INSTALLED.
 */
export function firmwareTarget(input: TargetInput, nervesKeys: NervesTargetInput['keys']): FirmwareTarget {
  const { record, connect, file, clock, log } = input;
  const { id, name, kind, installed } = record();
  if (file.kind === 'nerves') {
    if (kind === 'nerves') return nervesTarget({ ...input, keys: nervesKeys });
    throw misfit(name, 'it is Nerves firmware, and this device does not run Nerves');
  }
  if (kind === 'nerves') throw misfit(name, 'it is not Nerves firmware, and this device runs Nerves');
  if (!installed) throw new MusterError('NOT_INSTALLED', 'nothing takes firmware there', { name });
  const open = async (signal: AbortSignal) => openPipe(await connect(signal), signal);
  return deviceTarget({ device: id, open, file, clock, log });
}

function misfit(name: DeviceRecord['name'], reason: string): MusterError {
  return new MusterError('FIRMWARE_MISFIT', `${name}: ${reason}`, { name, reason });
}
