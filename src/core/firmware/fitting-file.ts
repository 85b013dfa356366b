/** Which file of a push is for a device: a fleet may have our own daemons and Nerves beside each other. Pure. */
import type { FirmwareFile } from '../../shared/campaign.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';

/**
 * Place in `files` (at least one) of the first file of the device's kind that is made for its board, as far as the board
 * is known; else of the first of its kind: the device itself says what does not fit. Throws FIRMWARE_MISFIT {name, reason}
 * when there is none of its kind.
 */
export function fittingFile(
  { name, kind, model, arch }: Pick<DeviceRecord, 'name' | 'kind' | 'model' | 'arch'>,
  files: readonly FirmwareFile[],
): number {
  const nerves = kind === 'nerves';
  const ofKind = (file: FirmwareFile) => (file.kind === 'nerves') === nerves;
  const forBoard = (file: FirmwareFile) =>
    nerves ? file.platform === model : file.architectures.some((one) => one === arch);
  const made = files.findIndex((file) => ofKind(file) && forBoard(file));
  const place = made >= 0 ? made : files.findIndex((file) => ofKind(file));
  if (place >= 0) return place;
  const several = files.length > 1;
  const reason = nerves
    ? `${several ? 'none of them is' : 'it is not'} Nerves firmware, and this device runs Nerves`
    : `${several ? 'all of them are' : 'it is'} Nerves firmware, and this device does not run Nerves`;
  throw new MusterError('FIRMWARE_MISFIT', `${name}: ${reason}`, { name, reason });
}
