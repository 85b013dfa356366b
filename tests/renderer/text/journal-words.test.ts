import { describe, expect, it } from 'vitest';
import { journalFacts, journalTrouble } from '../../../renderer/text/journal-words.ts';

const OLDER = { batches: 1, bytes: 48_200_000, maxBytes: 256e6, bytesPerDay: 136e6, trimmedBatches: 0 };
const WELL = {
  ...OLDER,
  bytesPerDayFrom: 'kernel',
  mayLoseMs: 250,
  mayLoseIdleMs: 5000,
  lostReadings: 0,
  damagedBatches: 0,
  asides: [],
  waitingBytes: 0,
  problem: null,
} as const;
const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const said = (journal: Parameters<typeof journalFacts>[0]) =>
  Object.fromEntries(journalFacts(journal).map(({ name, value }) => [name, plain(value)]));
const warnings = (journal: Parameters<typeof journalFacts>[0]) =>
  journalFacts(journal).flatMap(({ name, warns }) => (warns ? [name] : []));

describe('what is said of a journal', () => {
  it('that is well: what a power cut would cost, and nothing to worry about', () => {
    const journal = { ...WELL, asides: [] };
    expect(said(journal)).toEqual({
      Kept: '48 MB of 256 MB, 1 batch',
      Written: '136 MB a day, as the system counts what reaches the card',
      'A power cut now': 'may lose the readings of the last 0.2 s; while no laptop watches, of the last 5 s',
      Lost: 'none since the daemon started',
      Dropped: 'nothing: everything it recorded is still there',
    });
    expect(warnings(journal)).toEqual([]);
    expect(journalTrouble(journal)).toBeNull();
  });

  it('that has just started: when it is known what it writes, and no figure made of seconds', () => {
    const journal = { ...WELL, asides: [], bytesPerDay: 0, bytesPerDayInMs: 541_000 };
    expect(said(journal)).toMatchObject({ Written: 'known in 10 min, it has just started' });
    expect(said({ ...journal, bytesPerDay: 136e6, bytesPerDayInMs: 0 })).toMatchObject({
      Written: '136 MB a day, as the system counts what reaches the card',
    });
  });

  it('of an older daemon: no more than it tells', () => {
    expect(Object.keys(said(OLDER))).toEqual(['Kept', 'Written', 'Dropped']);
  });

  it('that cannot be written: why readings wait, how many are lost, first things first', () => {
    const journal = {
      ...WELL,
      asides: [],
      waitingBytes: 1_200_000,
      problem: 'the disk is full',
      lostReadings: 1204,
      damagedBatches: 3,
      mayLoseMs: 95_000,
      trimmedBatches: 12_345,
    };
    expect(said(journal)).toMatchObject({
      'A power cut now': 'may lose the readings of the last 1 min 35 s',
      Waiting: '1.2 MB of readings wait in memory: the disk is full',
      Lost: '1,204 readings since the daemon started, because the journal did not take them',
      Dropped: 'the oldest 12,345 batches, to make room for new ones',
    });
    expect(warnings(journal)).toEqual(['A power cut now', 'Waiting', 'Lost', 'Damaged']);
    expect(journalTrouble(journal)).toBe('readings wait, not on the card yet');
    expect(journalTrouble({ ...journal, problem: null })).toBe('1,204 readings lost');
    expect(journalTrouble({ ...journal, problem: null, lostReadings: 0 })).toBe('3 damaged batches');
  });
});
