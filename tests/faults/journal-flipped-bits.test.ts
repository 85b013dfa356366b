/**
 * Bits of the journal's file flip: in its header, in its pages, in a batch. What is served afterwards is byte for byte
 * what was written; what is good is kept; the broken file stays under a name; run numbers go on.
 */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../device/journal/journal.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { BELIEF, FilledJournal, readWhatIsLeft, testBatch, testChannel } from '../support/filled-journal.ts';

const RUNS = 3;
const BATCHES = 60;
const TOTAL = RUNS * BATCHES;
const PAGE = 512;

let filled: FilledJournal;
let whole: Buffer;
beforeEach(async () => {
  ({ filled, whole } = await FilledJournal.make(RUNS, BATCHES));
});

/** Puts the file back as it was but for one bit. */
function flip(byte: number, bit: number): void {
  const broken = Buffer.from(whole);
  broken[byte] = (broken[byte] ?? 0) ^ (1 << bit);
  writeFileSync(filled.path, broken);
}

/** Nothing is served that was not written, nothing twice (keys), nothing out of order. */
function expectTrue(content: Map<string, Uint8Array>): void {
  expect(filled.changed(content)).toEqual([]);
  const order = [...content.keys()].map((key) => key.split('.').map(Number) as [number, number]);
  expect(order).toEqual(order.toSorted(([r, b], [s, c]) => r - s || b - c));
}

/** A new run takes batches, at the second try when the damage is found only then, and disturbs nothing. */
async function expectGoesOn(first: Journal): Promise<void> {
  let journal = first;
  const write = async () => {
    const run = await journal.beginRun('boot', BELIEF);
    expect(run).toBeGreaterThan(RUNS);
    for (let batch = 1; batch <= 5; batch++)
      await journal.append(run, batch, testBatch(run, batch, 5), [testChannel(0)]);
  };
  const failed = await write().then(
    () => null,
    (error: unknown) => error,
  );
  if (failed !== null) {
    if (!(failed instanceof MusterError) || failed.details['broken'] !== true) throw failed;
    ({ journal } = filled.open());
    await write();
  }
  await journal.close();
}

describe('flipped bits in the journal', { timeout: 120_000 }, () => {
  it('in the header: nothing is lost, whichever bit it was', async () => {
    for (let byte = 0; byte < 100; byte++) {
      flip(byte, byte % 8);
      const { journal, recovery, content } = await readWhatIsLeft(filled);
      expect([byte, content.size]).toEqual([byte, TOTAL]);
      expectTrue(content);
      // some bits mean nothing to anyone
      const found = recovery ?? { why: 'damaged', kept: TOTAL, lost: 0, aside: filled.path };
      expect(found).toMatchObject({ why: 'damaged', kept: TOTAL, lost: 0 });
      expect(existsSync(found.aside)).toBe(true);
      await expectGoesOn(journal);
    }
  });

  it('in a batch: all the others are kept, it is missed and counted', async () => {
    const victim = filled.content.get('2.20') ?? new Uint8Array();
    // the part of it that lies in one piece on its first page
    const at = whole.indexOf(victim.subarray(0, 40));
    expect(at).toBeGreaterThan(0);
    flip(at + 20, 3);
    const { journal, recovery, content } = await readWhatIsLeft(filled);
    expect(recovery).toMatchObject({ why: 'damaged', kept: TOTAL - 1, lost: 1 });
    expect(content.has('2.20')).toBe(false);
    expect(content.size).toBe(TOTAL - 1);
    expectTrue(content);
    const { damagedBatches, asides } = await journal.figures();
    expect([damagedBatches, asides]).toEqual([1, [recovery?.aside]]);
    // what was set aside is the file as it was found
    expect(statSync(recovery?.aside ?? '').size).toBe(whole.length);
    expect(await journal.runs(1)).toMatchObject(
      [1, 2, 3].map((run) => ({ run, bootId: `boot-${run}`, clock: BELIEF.clock, channels: [{}, {}] })),
    );
    await journal.close();
  });

  it('anywhere, 80 seeded times: what is served is what was written, and a page costs its rows only', async () => {
    let seed = 77;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let salvaged = 0;
    for (let round = 0; round < 80; round++) {
      flip(random(whole.length), random(8));
      const { journal, recovery, content } = await readWhatIsLeft(filled);
      expectTrue(content);
      // a page of 512 bytes holds four small batches, or a link of a large one
      expect(content.size).toBeGreaterThanOrEqual(TOTAL - 5);
      if (recovery) salvaged++;
      await expectGoesOn(journal);
    }
    expect(salvaged).toBeGreaterThan(10);
  });

  it('over a whole page of the tree, or a whole block of the card', async () => {
    for (const length of [PAGE, 4096])
      for (let at = PAGE; at < whole.length; at += 7 * PAGE) {
        const broken = Buffer.from(whole);
        broken.fill(0xa5, at, Math.min(whole.length, at + length));
        writeFileSync(filled.path, broken);
        const { journal, content } = await readWhatIsLeft(filled);
        expectTrue(content);
        expect(content.size).toBeGreaterThanOrEqual(TOTAL - 5 * (length / PAGE));
        await journal.close();
      }
  });
});
