/** What a device believes of wall time after any order of steps, synchronisations, offers and restarts. */
import * as fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../../../device/journal/journal.ts';
import { openJournalStore } from '../../../device/journal/journal-store.ts';
import type { ClockEvidence } from '../../../device/platform/device-clock.ts';
import { better, inheritsBack, NOT_BEFORE_MS } from '../../../device/time/clock-belief.ts';
import { ClockKeeper } from '../../../device/time/clock-keeper.ts';
import type { ClockBelief } from '../../../src/shared/device-contract.ts';
import { noLog } from '../../../src/shared/log.ts';
import { CLOCK_SOURCES } from '../../../src/shared/reading.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { tempFolder } from '../../support/temp-archive.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 4, 3, 12);

const belief: fc.Arbitrary<ClockBelief> = fc.record({
  offsetMs: fc.constantFrom(0, NOW, NOW + 20, NOW + HOUR, NOW - HOUR, NOT_BEFORE_MS - 1),
  clock: fc.constantFrom(...CLOCK_SOURCES),
});

describe('what is believed', () => {
  it('never comes from a worse source than before, and is one of the two', () => {
    fc.assert(
      fc.property(belief, belief, (kept, seen) => {
        const after = better(kept, seen);
        expect([kept, seen]).toContain(after);
        expect(CLOCK_SOURCES.indexOf(after.clock)).toBeLessThanOrEqual(CLOCK_SOURCES.indexOf(kept.clock));
        expect(better(after, after)).toBe(after);
      }),
    );
  });

  it('of a time service is not changed by what later runs learn', () => {
    fc.assert(
      fc.property(belief, belief, (earlier, believed) => {
        const mayNot = earlier.clock === 'ntp' || believed.clock === 'none';
        expect(mayNot && inheritsBack(earlier, believed)).toBe(false);
      }),
    );
  });
});

type Act =
  | { do: 'step' | 'sync'; byMs: number }
  | { do: 'offer'; wallMs: number }
  | { do: 'look' | 'restart' | 'reboot' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    do: fc.constantFrom('step' as const, 'sync' as const),
    byMs: fc.constantFrom(-400 * 24 * HOUR, -HOUR, -30, 30, HOUR, 365 * 24 * HOUR),
  }),
  fc.record({ do: fc.constant('offer' as const), wallMs: fc.constantFrom(0, NOW, NOW + 3 * HOUR) }),
  fc.record({ do: fc.constantFrom('look' as const, 'look' as const, 'restart' as const, 'reboot' as const) }),
);

/** A device whose clock a test plays with. */
class Stage {
  readonly clock: FakeClock;
  readonly journal: Journal;
  evidence: ClockEvidence = { source: 'none', syncedAt: null };
  keeper: ClockKeeper;
  boot = 1;
  run = 0;

  constructor(wall: number) {
    this.clock = new FakeClock(wall);
    this.journal = openJournalStore({ path: join(tempFolder(), 'journal.db'), maxBytes: 1 << 30 }).journal;
    this.keeper = this.#keeper();
  }

  #keeper(): ClockKeeper {
    return new ClockKeeper({ clock: this.clock, evidence: () => this.evidence, log: noLog });
  }

  async begin(): Promise<void> {
    this.keeper = this.#keeper();
    this.run = await this.keeper.begin(this.journal, `boot-${this.boot}`);
  }

  async play(what: Act): Promise<void> {
    await this.clock.advance(1000);
    switch (what.do) {
      case 'step':
        return this.clock.setWall(this.clock.wall() + what.byMs);
      case 'sync':
        this.clock.setWall(this.clock.wall() + what.byMs);
        this.evidence = { source: 'ntp', syncedAt: this.clock.wall() };
        return;
      case 'offer':
        await this.keeper.offer(this.journal, this.run, { wallMs: what.wallMs, roundTripMs: 4 });
        return;
      case 'look':
        return this.keeper.look(this.journal, this.run);
      case 'reboot':
        this.boot++;
        this.evidence = { source: 'none', syncedAt: null };
        return this.begin();
      case 'restart':
        return this.begin();
    }
  }
}

describe('a device whose clock does anything', () => {
  it('tells every change of a run, worse sources never win, and order within a run stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(act, { maxLength: 30 }), async (isSet, acts) => {
        const stage = new Stage(isSet ? NOW : 40_000);
        await stage.begin();
        const first = new Map<number, ClockBelief>();
        const note = async () => {
          for (const { run, offsetMs, clock } of await stage.journal.runs(1))
            if (!first.has(run)) first.set(run, { offsetMs, clock });
        };
        await note();
        for (const each of acts) {
          const rank = CLOCK_SOURCES.indexOf(stage.keeper.belief.clock);
          const { run } = stage;
          await stage.play(each);
          await note();
          const worse = CLOCK_SOURCES.indexOf(stage.keeper.belief.clock) > rank;
          expect(stage.run === run && worse).toBe(false);
        }
        const { events } = await stage.journal.clockNotes();
        for (const { run, offsetMs, clock } of await stage.journal.runs(1)) {
          const told = events.filter((event) => event.run === run);
          // what a run believes now is where the chain of its events leads
          for (const [i, { before, after }] of told.entries()) {
            expect(before).toEqual(told[i - 1]?.after ?? before);
            expect(after).not.toEqual(before);
          }
          expect({ offsetMs, clock }).toEqual(told.at(-1)?.after ?? first.get(run));
          const walls = [0, 0.001, 1000, 5e9].map((ms) => offsetMs + ms);
          expect(walls).toEqual(walls.toSorted((a, b) => a - b));
          expect(new Set(walls).size).toBe(walls.length);
        }
        const now = (await stage.journal.runs(stage.run))[0]!;
        expect({ offsetMs: now.offsetMs, clock: now.clock }).toEqual(stage.keeper.belief);
        await stage.journal.close();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the belief of a boot over a restart of the daemon, not over one of the machine', async () => {
    const stage = new Stage(40_000);
    await stage.begin();
    await stage.play({ do: 'offer', wallMs: NOW });
    const set = stage.keeper.belief;
    await stage.play({ do: 'restart' });
    expect(stage.keeper.belief).toEqual(set);
    await stage.play({ do: 'reboot' });
    expect(stage.keeper.belief.clock).toBe('none');
    await stage.journal.close();
  });

  it('keeps a change out of the belief until the journal holds it', async () => {
    const stage = new Stage(40_000);
    await stage.begin();
    const before = stage.keeper.belief;
    const full: Journal = Object.create(stage.journal, {
      observeClock: { value: () => Promise.reject(new Error('disk full')) },
    });
    await expect(stage.keeper.offer(full, stage.run, { wallMs: NOW, roundTripMs: 0 })).rejects.toThrow(
      'disk full',
    );
    expect(stage.keeper.belief).toBe(before);
    expect(stage.keeper.changes).toBe(0);
    await stage.journal.close();
  });
});
