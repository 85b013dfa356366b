import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Campaign } from '../../src/shared/campaign.ts';
import { QUICK } from '../support/slotted-device.ts';
import { lackedBytes, SlottedPush } from '../support/slotted-push.ts';

const BYTES = 3_000_000;
/** Offers, questions and frames around what is sent, and one write to a place that the device had just passed. */
const AROUND = 200_000;

describe('a push whose line is cut, to a real daemon,', { timeout: 240_000 }, () => {
  let push: SlottedPush;
  beforeEach(async () => {
    push = await SlottedPush.start();
  }, 120_000);

  async function bundle(version: string): Promise<string> {
    const daemon = await push.device.daemon();
    const files = { 'muster-daemon.mjs': daemon, 'lib/data.bin': randomBytes(BYTES) };
    return push.device.bundle({ version, files });
  }

  /** Notes what the device lacks when the first write after the cut comes. */
  function resumed(path: string) {
    const seen = { lacked: Promise.resolve(-1), from: -1, back: false };
    return {
      /** To be told of each call once the line was cut. */
      call(name: string): void {
        // writes on the line that was cut may still be begun
        seen.back ||= name === 'hello';
        if (!seen.back || seen.from >= 0 || name !== 'writeBlob') return;
        seen.from = push.proxy.passed;
        seen.lacked = lackedBytes(push.device, path);
      },
      /** Bytes that were sent after the cut although the device had them. */
      async again(): Promise<number> {
        return seen.from < 0 ? 0 : push.proxy.passed - seen.from - (await seen.lacked);
      },
    };
  }

  async function expectKept({ rows }: Campaign, version: string, stages = /^confirmed$/): Promise<void> {
    expect(rows).toMatchObject([{ stage: expect.stringMatching(stages), error: null }]);
    const { running, slots, trial } = await push.device.firmware();
    expect(trial).toBe(null);
    expect(slots.find(({ slot }) => slot === running)?.version).toBe(version);
    expect(push.device.current).toBe(`slots/${running}`);
    await push.device.measures();
  }

  it('at 1, 50 and 99 % goes on at the byte where it was', async () => {
    for (const [i, percent] of [1, 50, 99].entries()) {
      const version = `2.0.${i}`;
      const path = await bundle(version);
      push.proxy.passed = 0;
      push.proxy.cutAt = Math.round((BYTES * percent) / 100);
      const after = resumed(path);
      push.onCall = (name) => {
        if (push.proxy.cutAt === Infinity) after.call(name);
        return undefined;
      };
      const campaign = await push.push(path);
      expect(push.proxy.cutAt).toBe(Infinity);
      await expectKept(campaign, version);
      expect(campaign.rows[0]!.total).toBeGreaterThan(BYTES);
      expect(await after.again()).toBeLessThan(AROUND);
    }
  });

  it('after all was sent, while it is verified, when it is told to switch, while it switches, on trial', async () => {
    /** When to cut, by the calls that go out. */
    const moments: Record<string, (name: string, sent: number) => 'cut' | 'cut-after' | undefined> = {
      'all sent': (name) => (name === 'installFirmware' ? 'cut' : undefined),
      // the last write of the last blob: the answer comes when it was unpacked and checked
      verifying: (name, sent) => (name === 'writeBlob' && sent > BYTES ? 'cut-after' : undefined),
      switching: (name) => (name === 'installFirmware' ? 'cut-after' : undefined),
      trial: (name) => (name === 'firmware' && push.stage === 'trial' ? 'cut-after' : undefined),
    };
    // a trial that lasts longer than the time between two questions
    push.device.config({ ...QUICK, steadyMs: 2500 });
    for (const [i, when] of Object.values(moments).entries()) {
      const version = `3.0.${i}`;
      const path = await bundle(version);
      const after = resumed(path);
      let cut = false;
      let sent = 0;
      push.onCall = (name, bytes) => {
        if (cut) after.call(name);
        sent += bytes;
        const what = cut ? undefined : when(name, sent);
        cut ||= what !== undefined;
        return what;
      };
      const campaign = await push.push(path);
      expect(cut ? [] : Object.keys(moments)[i]).toEqual([]);
      await expectKept(campaign, version);
      expect(await after.again()).toBeLessThan(AROUND);
    }
  });

  it('and of two laptops that push at once both see the same end', async () => {
    const path = await bundle('4.0.0');
    const [one, other] = await Promise.all([push.push(path), push.push(path, push.laptop('other'))]);
    expect([one.state, other.state]).toEqual(['done', 'done']);
    // who comes late finds it done
    await expectKept(one, '4.0.0', /^(confirmed|current)$/);
    await expectKept(other, '4.0.0', /^(confirmed|current)$/);
  });

  it('and the same bundle once more changes nothing', async () => {
    const path = await bundle('5.0.0');
    await expectKept(await push.push(path), '5.0.0');
    const before = await push.device.firmware();
    push.proxy.passed = 0;
    const { rows, state } = await push.push(path);
    expect(state).toBe('done');
    expect(rows[0]).toMatchObject({ stage: 'current', sent: 0 });
    expect(push.proxy.passed).toBeLessThan(10_000);
    expect(await push.device.firmware()).toEqual(before);
  });
});
