/** What a push would do on each device: asked before anything is sent, a few devices at a time. */
import type { FirmwareFile } from '../../shared/campaign.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { errorText } from '../../shared/error-text.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';
import { fittingFile } from './fitting-file.ts';
import { UNREACHED, type FirmwareTarget } from './target.ts';

/** Devices asked at once. */
const AT_ONCE = 16;

export interface PreviewOptions {
  files: readonly FirmwareFile[];
  target: (device: string, file: FirmwareFile) => FirmwareTarget;
  clock: Clock;
  /** Ms after which a device counts as not reached. */
  eachMs: number;
}

interface PreviewRow {
  device: string;
  name: string;
  verdict: 'update' | 'downgrade' | 'current' | 'offline' | 'refused';
  from: string | null;
  /** Place in `files` of the one for it, null when none is. */
  file: number | null;
  /** Words for a refusal or a warning. */
  reason: string | null;
}

/** Asks each device; what goes wrong with one is in its row. */
export async function preview(records: DeviceRecord[], options: PreviewOptions): Promise<PreviewRow[]> {
  const rows: PreviewRow[] = [];
  let next = 0;
  const ask = async () => {
    while (next < records.length) {
      const at = next++;
      rows[at] = await verdictOf(records[at]!, options);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, records.length) }, ask));
  return rows;
}

async function verdictOf(
  record: DeviceRecord,
  { files, target: make, clock, eachMs }: PreviewOptions,
): Promise<PreviewRow> {
  const { id, name, presence } = record;
  let file: number;
  try {
    file = fittingFile(record, files);
  } catch (thrown) {
    return refusal({ device: id, name, from: null, file: null }, thrown);
  }
  const row = { device: id, name, from: null, file };
  if (presence === 'offline') return { ...row, verdict: 'offline', reason: 'waits until it is seen' };
  let target: FirmwareTarget | null = null;
  const abort = new AbortController();
  const cancel = clock.after(eachMs, () => {
    abort.abort();
    target?.close();
  });
  try {
    target = make(id, files[file]!);
    const { verdict, from, warning } = await target.check(abort.signal);
    if (verdict === 'trial')
      return { ...row, from, verdict: 'update', reason: 'tries this very version already' };
    return { ...row, from, verdict, reason: warning };
  } catch (thrown) {
    return refusal(row, abort.signal.aborted ? new MusterError('TIMEOUT', 'no answer') : thrown);
  } finally {
    cancel();
    target?.close();
  }
}

function refusal(row: Omit<PreviewRow, 'verdict' | 'reason'>, thrown: unknown): PreviewRow {
  const { code, details } = toMusterError(thrown);
  const { title } = errorText(code, { name: row.name, ...details });
  return { ...row, verdict: UNREACHED.has(code) ? 'offline' : 'refused', reason: title };
}
