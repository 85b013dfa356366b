import { describe, expect, it } from 'vitest';
import {
  born,
  ended,
  left,
  modeOf,
  SAFE_AFTER,
  steadied,
  type LifeRecord,
} from '../../../device/mode/mode-decision.ts';

const HERE = 'boot-1';
const record = (failures: number, life: LifeRecord['life'], boot = HERE): LifeRecord => ({
  boot,
  failures,
  life,
});
const LAST = SAFE_AFTER - 1;

describe('a new life', () => {
  it.each<[string, LifeRecord | null, number, 'normal' | 'safe']>([
    ['knows nothing of lives before', null, 0, 'normal'],
    ['follows one that died young', record(0, 'young'), 1, 'normal'],
    ['follows the last but one death that is borne', record(LAST - 1, 'young'), LAST, 'normal'],
    ['follows one death too many', record(LAST, 'young'), SAFE_AFTER, 'safe'],
    ['follows a young death in safe mode', record(SAFE_AFTER, 'young'), SAFE_AFTER, 'safe'],
    ['follows a late death', record(0, 'steady'), 0, 'normal'],
    ['follows a late death in safe mode', record(SAFE_AFTER, 'steady'), SAFE_AFTER, 'safe'],
    ['follows an orderly end', record(LAST, 'ended'), 0, 'normal'],
    ['follows a power cut', record(LAST, 'young', 'boot-0'), 0, 'normal'],
    ['follows a power cut in safe mode', record(SAFE_AFTER, 'young', 'boot-0'), 0, 'normal'],
  ])('%s', (_, before, failures, mode) => {
    const life = born(before, HERE);
    expect(life).toEqual({ boot: HERE, failures, life: 'young' });
    expect(modeOf(life)).toBe(mode);
  });
});

describe('a life', () => {
  it.each<[string, LifeRecord, LifeRecord]>([
    ['lasts', steadied(record(LAST, 'young')), record(0, 'steady')],
    ['lasts in safe mode', steadied(record(SAFE_AFTER, 'young')), record(SAFE_AFTER, 'steady')],
    ['ends as asked', ended(record(LAST, 'young')), record(0, 'ended')],
    ['ends as asked in safe mode', ended(record(SAFE_AFTER, 'steady')), record(0, 'ended')],
    ['leaves safe mode', left(record(SAFE_AFTER, 'steady')), record(0, 'young')],
  ])('%s', (_, after, expected) => {
    expect(after).toEqual(expected);
  });

  it('may die late as often as it will', () => {
    let life = born(null, HERE);
    for (let i = 0; i < 3 * SAFE_AFTER; i++) life = born(steadied(life), HERE);
    expect(modeOf(life)).toBe('normal');
  });
});
