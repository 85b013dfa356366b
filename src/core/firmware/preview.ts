/** What a push would do on each device: asked before anything is sent, a few devices at a time. */
import type { FirmwareFile } from '../../shared/campaign.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { errorText } from '../../shared/error-text.ts';
import { toMusterError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';
import { UNREACHED, type FirmwareTarget } from './target.ts';

/** Devices asked at once. */
const AT_ONCE = 16;

export interface PreviewOptions {
  firmware: FirmwareFile;
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
  { id, name, presence }: DeviceRecord,
  { firmware, target: make, clock, eachMs }: PreviewOptions,
): Promise<PreviewRow> {
  const row = { device: id, name, from: null };
  if (presence === 'offline') return { ...row, verdict: 'offline', reason: 'waits until it is seen' };
  let target: FirmwareTarget | null = null;
  const abort = new AbortController();
  const cancel = clock.after(eachMs, () => {
    abort.abort();
    target?.close();
  });
  try {
    target = make(id, firmware);
    const { verdict, from, warning } = await target.check(abort.signal);
    if (verdict === 'trial')
      return { ...row, from, verdict: 'update', reason: 'tries this very version already' };
    return { ...row, from, verdict, reason: warning };
  } catch (thrown) {
    const { code, details } = toMusterError(thrown);
    const late = abort.signal.aborted || UNREACHED.has(code);
    const { title } = errorText(abort.signal.aborted ? 'TIMEOUT' : code, { name, ...details });
    return { ...row, verdict: late ? 'offline' : 'refused', reason: title };
  } finally {
    cancel();
    target?.close();
  }
}
