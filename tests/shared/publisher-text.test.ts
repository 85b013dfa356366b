/** What people are told of publishers. */
import { expect, it } from 'vitest';
import type { PublisherState } from '../../src/shared/device-publisher-calls.ts';
import { publisherWords } from '../../src/shared/publisher-text.ts';

const well: PublisherState = {
  publisher: 'house',
  kind: 'mqtt',
  target: 'mqtt://broker',
  state: 'working',
  problem: null,
  behind: { batches: 0, readings: 0 },
  upToDateAgoMs: 0,
  today: 5,
  lostBatches: 0,
};
const words = (over: Partial<PublisherState>) =>
  publisherWords({ ...well, ...over }, 10_000_000, (epochMs) => `T${epochMs}`);

it.each<[string, Partial<PublisherState>, string, boolean]>([
  ['all is sent', {}, 'up to date', false],
  [
    'the last batch is on its way',
    { behind: { batches: 2, readings: 9 }, upToDateAgoMs: 6000 },
    'up to date',
    false,
  ],
  [
    'it catches up',
    { behind: { batches: 700, readings: 3200 }, upToDateAgoMs: 3_600_000 },
    '3,200 readings behind since T6400000',
    false,
  ],
  [
    'it never got through',
    { state: 'failing', problem: 'no', behind: { batches: 1, readings: null }, upToDateAgoMs: null },
    '1 batch behind',
    true,
  ],
  ['it starts', { state: 'starting', behind: null, upToDateAgoMs: null }, 'starts', false],
  ['the journal is away', { behind: null }, 'the journal cannot say', false],
  ['it is asked', { kind: 'prometheus', behind: null, today: 1 }, 'asked 1 time today', false],
  [
    'its port is taken',
    { kind: 'prometheus', behind: null, state: 'failing', problem: 'taken' },
    'cannot be asked',
    true,
  ],
])('%s', (_, over, state, warns) => {
  expect(words(over)).toMatchObject({ state, warns });
});

it('what was lost is said beside what is wrong now', () => {
  expect(words({ state: 'failing', problem: 'it is off', lostBatches: 2 }).why).toBe(
    'it is off; 2 batches of readings never got there: the journal was full before they could be sent',
  );
});
