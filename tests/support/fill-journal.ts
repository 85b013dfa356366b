/** Writes a device's journal full, as a run that is over: what a laptop finds after days without one. */
import { encodeBatch } from '../../src/shared/batch.ts';
import { openJournalStore } from '../../device/journal/journal-store.ts';
import { channelInfo } from './fake-device.ts';

const GiB = 1024 ** 3;

/** Appends `readings` of `channels` sensors at `periodMs`, `rows` in a batch; values with two decimals. */
export async function fillJournal(
  path: string,
  {
    readings,
    channels,
    rows,
    periodMs,
  }: { readings: number; channels: number; rows: number; periodMs: number },
): Promise<void> {
  const { journal } = openJournalStore({ path, maxBytes: GiB });
  const run = await journal.beginRun('bench', { offsetMs: Date.UTC(2026, 4, 3, 12), clock: 'ntp' });
  let declared = Array.from({ length: channels }, (_, i) => channelInfo(i, { periodMs }));
  for (let written = 0, batch = 1; written < readings; batch++) {
    const n = Math.min(rows, readings - written);
    const baseMs = Math.floor(written / channels) * periodMs;
    const columns = {
      baseMs,
      value: new Float64Array(n),
      deltaUs: new Uint32Array(n),
      channel: new Uint32Array(n),
      quality: new Uint8Array(n),
    };
    for (let i = 0; i < n; i++) {
      const at = written + i;
      const channel = at % channels;
      // each sensor in its own place of the period, a few tens of microseconds late
      const dueMs = (Math.floor(at / channels) + channel / channels) * periodMs;
      columns.value[i] =
        Math.round((20 + 5 * Math.sin(at / 100_000 + channel) + Math.random() / 5) * 100) / 100;
      columns.deltaUs[i] = Math.round((dueMs - baseMs) * 1000 + Math.random() * 100);
      columns.channel[i] = channel;
    }
    await journal.append(run, batch, encodeBatch(columns), declared);
    declared = [];
    written += n;
  }
  await journal.close();
}
