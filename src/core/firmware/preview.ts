/** What a push would do on each device: asked before anything is sent, a few devices at a time. */
import type { FirmwareFile } from '../../shared/campaign.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { errorText } from '../../shared/error-text.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import { UNREACHED, type FirmwareTarget } from './target.ts';

/** Devices asked at once. */
const AT_ONCE = 16;

export interface PreviewRow {
  device: string;
  name: string;
  verdict: 'update' | 'downgrade' | 'current' | 'offline' | 'refused';
  from: string | null;
  /** Words for a refusal or a warning. */
  reason: string | null;
}

/** Asks each device; what goes wrong with one is in its row. Throws CANCELLED after `signal`. */
export async function preview(
  records: DeviceRecord[],
  file: FirmwareFile,
  target: (device: string, file: FirmwareFile) => FirmwareTarget,
  signal: AbortSignal,
): Promise<PreviewRow[]> {
  const rows: PreviewRow[] = [];
  let next = 0;
  const ask = async () => {
    while (next < records.length && !signal.aborted) {
      const at = next++;
      rows[at] = await verdictOf(records[at]!, file, target, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, records.length) }, ask));
  if (signal.aborted) throw new MusterError('CANCELLED', 'the preview was cancelled');
  return rows;
}

async function verdictOf(
  { id, name, presence }: DeviceRecord,
  file: FirmwareFile,
  make: (device: string, file: FirmwareFile) => FirmwareTarget,
  signal: AbortSignal,
): Promise<PreviewRow> {
  const row = { device: id, name, from: null };
  if (presence === 'offline') return { ...row, verdict: 'offline', reason: 'waits until it is seen' };
  let target: FirmwareTarget | null = null;
  try {
    target = make(id, file);
    const { verdict, from, warning } = await target.check(signal);
    if (verdict === 'trial')
      return { ...row, from, verdict: 'update', reason: 'tries this very version already' };
    return { ...row, from, verdict, reason: warning };
  } catch (thrown) {
    const { code, details } = toMusterError(thrown);
    const { title } = errorText(code, { name, ...details });
    return { ...row, verdict: UNREACHED.has(code) ? 'offline' : 'refused', reason: title };
  } finally {
    target?.close();
  }
}
