/** What a device says of its journal, as rows of name and value. Pure. */
import type { DeviceStatus } from '../../src/shared/device-contract.ts';
import { formatBytes, formatCount, formatDuration } from './format.ts';

/** A fact; `warns`: somebody has to know this. */
export interface JournalFact {
  name: string;
  value: string;
  warns: boolean;
}

/** Everything there is to say; what the daemon does not tell (an older one) is left out. */
export function journalFacts(journal: DeviceStatus['journal']): JournalFact[] {
  const { batches, bytes, maxBytes, bytesPerDayFrom, bytesPerDayInMs } = journal;
  const facts: JournalFact[] = [];
  const add = (name: string, value: string, warns = false) => facts.push({ name, value, warns });
  add(
    'Kept',
    `${formatBytes(bytes)} of ${formatBytes(maxBytes)}, ${formatCount(batches, 'batch', 'batches')}`,
  );
  add('Written', `${writtenADay(journal)}${bytesPerDayInMs ? '' : COUNTED[bytesPerDayFrom ?? 'none']}`);
  if (journal.mayLoseMs !== undefined)
    add('A power cut now', mayLose(journal.mayLoseMs, journal.mayLoseIdleMs), journal.mayLoseMs > 60_000);
  const { waitingBytes = 0, problem } = journal;
  if (problem) add('Waiting', `${formatBytes(waitingBytes)} of readings wait in memory: ${problem}`, true);
  if (journal.lostReadings !== undefined) add('Lost', lost(journal.lostReadings), journal.lostReadings > 0);
  add('Dropped', dropped(journal.trimmedBatches));
  if (journal.damagedBatches)
    add(
      'Damaged',
      `${formatCount(journal.damagedBatches, 'batch', 'batches')} found broken on the card and left out. The card may be wearing out: replace it soon.`,
      true,
    );
  return facts;
}

/** `5.4 MB a day`; how long it takes to know, while the daemon has not run for long enough to tell. */
export function writtenADay({ bytesPerDay, bytesPerDayInMs }: DeviceStatus['journal']): string {
  // whole minutes: a countdown of seconds would ask to be watched
  if (bytesPerDayInMs) return `known in ${Math.ceil(bytesPerDayInMs / 60_000)}\u00a0min, it has just started`;
  return `${formatBytes(bytesPerDay)} a day`;
}

/** Header words of a journal that needs a person; null when all is well. */
export function journalTrouble({
  problem,
  lostReadings,
  damagedBatches,
}: DeviceStatus['journal']): string | null {
  if (problem) return 'readings wait, not on the card yet';
  if (lostReadings) return `${formatCount(lostReadings, 'reading')} lost`;
  if (damagedBatches) return formatCount(damagedBatches, 'damaged batch', 'damaged batches');
  return null;
}

const COUNTED = {
  kernel: ', as the system counts what reaches the card',
  journal: ' of readings; the card writes more than that',
  none: '',
};

function mayLose(ms: number, idleMs = 0): string {
  const unwatched = idleMs > ms ? `; while no laptop watches, of the last ${formatDuration(idleMs)}` : '';
  return `may lose the readings of the last ${formatDuration(ms)}${unwatched}`;
}

function lost(readings: number): string {
  return readings === 0
    ? 'none since the daemon started'
    : `${formatCount(readings, 'reading')} since the daemon started, because the journal did not take them`;
}

function dropped(batches: number): string {
  return batches === 0
    ? 'nothing: everything it recorded is still there'
    : `the oldest ${formatCount(batches, 'batch', 'batches')}, to make room for new ones`;
}
