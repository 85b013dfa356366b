/** Which kind of target a device is for a firmware file. */
import { nervesTarget, type NervesTargetInput } from '../nerves/nerves-target.ts';
import { MusterError } from '../../shared/errors.ts';
import { openPipe } from '../link/open-pipe.ts';
import { deviceTarget } from './device-target.ts';
import type { FirmwareTarget, TargetInput } from './target.ts';

/**
 * The target for one try with the file that fits the device (fitting-file.ts). `nervesKeys`: whose Nerves firmware this
 * laptop lets out. Throws NOT_INSTALLED.
 */
export function firmwareTarget(input: TargetInput, nervesKeys: NervesTargetInput['keys']): FirmwareTarget {
  const { record, connect, file, clock, log } = input;
  if (file.kind === 'nerves') return nervesTarget({ ...input, keys: nervesKeys });
  const { id, name, installed } = record();
  if (!installed) throw new MusterError('NOT_INSTALLED', 'nothing takes firmware there', { name });
  const open = async (signal: AbortSignal) => openPipe(await connect(signal), signal);
  return deviceTarget({ device: id, open, file, clock, log });
}
