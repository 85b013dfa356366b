import { describe, expect, it } from 'vitest';
import {
  FAILING_MS,
  reasonNotToFeed,
  SILENT_MS,
  type Vital,
} from '../../../device/service/watchdog-decision.ts';

const NOW = 10_000_000;
/** A part that answered and was well so long ago. */
const part = (name: string, answered: number, well = answered): Vital => ({
  name,
  answeredAt: NOW - answered,
  wellAt: NOW - well,
});
const WELL = [part('the root', 0), part('the journal', 0), part('control', 0)];

describe('the watchdog', () => {
  it.each<[string, Vital[], string | null]>([
    ['is fed while all answer', WELL, null],
    ['is fed up to the limit', [...WELL, part('x', SILENT_MS)], null],
    ['starves when one hangs', [...WELL, part('x', SILENT_MS + 1)], 'x has not answered for 15 s'],
    ['is fed while one fails in words', [...WELL, part('x', 0, FAILING_MS)], null],
    [
      'starves when one fails for long',
      [...WELL, part('x', 0, FAILING_MS + 1)],
      'x has been failing for 600 s',
    ],
    [
      'starves when one failed and then fell silent',
      [...WELL, part('x', 20_000, 60_000)],
      'x has not answered for 20 s',
    ],
    ['is fed when nothing has to answer', [], null],
  ])('%s', (_, vitals, reason) => {
    expect(reasonNotToFeed(vitals, NOW)).toBe(reason);
  });

  it.each(['the root', 'the journal', 'control'])('starves for %s alone', (name) => {
    const vitals = WELL.map((vital) => (vital.name === name ? part(name, 30_000) : vital));
    expect(reasonNotToFeed(vitals, NOW)).toContain(name);
  });
});
