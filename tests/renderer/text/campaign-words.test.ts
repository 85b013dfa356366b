import { describe, expect, it } from 'vitest';
import {
  campaignState,
  mustKeepPower,
  rowProgress,
  rowShare,
  signatureWords,
  totalsOf,
} from '../../../renderer/text/campaign-words.ts';
import type { Campaign, CampaignRow } from '../../../src/shared/campaign.ts';
import { firmwareFile } from '../../support/firmware-file.ts';

const row = (stage: CampaignRow['stage'], more: Partial<CampaignRow> = {}): CampaignRow => ({
  device: `id-${more.name ?? stage}`,
  name: stage,
  stage,
  file: 0,
  from: '1.3.2',
  sent: 0,
  total: null,
  rate: null,
  secondsLeft: null,
  detail: null,
  rollsBack: 'yes',
  error: null,
  ...more,
});
const campaign = (rows: CampaignRow[], more: Partial<Campaign> = {}): Campaign => ({
  id: 'c1',
  files: [firmwareFile()],
  state: 'running',
  reason: null,
  startedAt: 0,
  endedAt: null,
  canary: 1,
  cap: 8,
  maxFailures: 1,
  rows,
  ...more,
});

/** Numbers and units are joined by a space that does not break. */
const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ');

describe('a device of a push, in words', () => {
  it('says how much, how fast and how long while bytes are sent', () => {
    const sending = row('sending', {
      sent: 3_000_000,
      total: 12_000_000,
      rate: 4_000_000,
      secondsLeft: 2.25,
    });
    expect(plain(rowProgress(sending))).toBe('3 MB of 12 MB, 4 MB/s, 2 s left');
    expect(rowShare(sending)).toBe(25);
  });

  it('shows no bar where nothing is known or nothing is sent', () => {
    expect(rowShare(row('sending'))).toBeNull();
    expect(rowShare(row('sending', { total: 0 }))).toBeNull();
    expect(rowProgress(row('waiting', { total: 5 }))).toBeNull();
    expect(plain(rowProgress(row('trial', { secondsLeft: 48 })))).toBe('48 s left');
  });

  it('asks for power only while a device switches or proves itself', () => {
    const stages = ['waiting', 'offline', 'checking', 'sending', 'installing', 'trial', 'confirmed'] as const;
    expect(mustKeepPower(stages.map((stage) => row(stage)))).toEqual(['installing', 'trial']);
  });
});

describe('a whole push, in words', () => {
  it('counts each row once', () => {
    const stages = [
      'confirmed',
      'current',
      'failed',
      'rolled-back',
      'unknown',
      'offline',
      'sending',
    ] as const;
    expect(totalsOf([...stages, 'cancelled' as const].map((stage) => row(stage)))).toMatchObject({
      done: 2,
      bad: 3,
      offline: 1,
      open: 1,
    });
  });

  it('says that only absent devices are left', () => {
    const state = campaignState(campaign([row('confirmed'), row('offline')]));
    expect(state).toMatchObject({ word: 'Waiting', tone: 'unknown' });
    expect(state.sentence).toBe('1 of 2 devices has it; 1 not reachable, served as soon as they are seen.');
  });

  it('is not called done where a device did not take it', () => {
    const ended = (rows: CampaignRow[]) => campaignState(campaign(rows, { state: 'done' }));
    expect(ended([row('confirmed')]).word).toBe('Done');
    expect(ended([row('confirmed'), row('rolled-back')]).word).toBe('Ended, not everywhere');
  });
});

describe('the signature of a file, in words', () => {
  const signed = (good: boolean | null) => [
    { key: 'a'.repeat(16), name: good === null ? null : 'Anna', good },
  ];
  it('warns of a bad, an unknown and a missing one', () => {
    expect(signatureWords(firmwareFile({ signatures: signed(true) })).word).toBe('Signed by Anna');
    expect(signatureWords(firmwareFile({ signatures: signed(false) })).tone).toBe('bad');
    expect(signatureWords(firmwareFile({ signatures: signed(null) })).tone).toBe('attention');
    expect(signatureWords(firmwareFile({ signatures: [] })).tone).toBe('bad');
    expect(signatureWords(firmwareFile({ signatures: [], kind: 'nerves' })).tone).toBe('attention');
  });
});
