/** The log of what happened: numbered, bounded, whole after a cut, in nobody's way on a full disk. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventLog, KEPT_EVENTS, type NewEvent } from '../../../device/outputs/event-log.ts';

let folder: string;
let path: string;
const said: string[] = [];
const open = () => new EventLog(path, (_, message) => void said.push(message));
const event = (n: number): NewEvent => ({
  at: n,
  clock: 'ntp',
  run: 1,
  kind: 'output',
  subject: 'valve',
  value: n % 2,
  before: null,
  cause: 'person',
  by: 'ann',
  refused: null,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-events-'));
  path = join(folder, 'events.jsonl');
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('goes on with the next number after a restart, and pages', async () => {
  const log = open();
  await Promise.all([1, 2, 3].map((n) => log.add(event(n))));
  const again = open();
  await again.add(event(4));
  expect(again.after(null, 2).events.map(({ seq }) => seq)).toEqual([3, 4]);
  expect(again.after(0, 2)).toEqual({
    events: [
      { seq: 1, ...event(1) },
      { seq: 2, ...event(2) },
    ],
    trimmed: false,
  });
  expect(again.after(4, 10).events).toEqual([]);
});

it('leaves out a line that a power cut left in half, and writes the next one whole', async () => {
  await open().add(event(1));
  appendFileSync(path, '{"seq":2,"at":2,"clo');
  const log = open();
  await log.add(event(2));
  expect(
    open()
      .after(null, 10)
      .events.map(({ seq, at }) => [seq, at]),
  ).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

it('keeps to its bound, on the disk too, and says what it dropped', async () => {
  const log = open();
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    // what comes at once is written at once: an event first, then all that came while it was written
    await Promise.all(Array.from({ length: KEPT_EVENTS }, (_, n) => log.add(event(n))));
  }
  const again = open();
  expect(again.after(null, 1).events[0]?.seq).toBe(rounds * KEPT_EVENTS);
  expect(again.after(1, 1)).toMatchObject({
    events: [{ seq: (rounds - 1) * KEPT_EVENTS + 1 }],
    trimmed: true,
  });
  const lines = [path, `${path}.old`].map((file) => readFileSync(file, 'utf8').split('\n').length - 1);
  for (const count of lines) expect(count).toBeLessThanOrEqual(2 * KEPT_EVENTS);
});

it('holds nobody up when the disk does not take it, and writes it with the next', async () => {
  mkdirSync(path);
  const log = open();
  await log.add(event(1));
  await log.add(event(2));
  expect(said).toEqual(['events wait for the disk']);
  expect(log.after(null, 10).events).toHaveLength(2);
  rmdirSync(path);
  await log.add(event(3));
  expect(
    open()
      .after(null, 10)
      .events.map(({ seq }) => seq),
  ).toEqual([1, 2, 3]);
});
