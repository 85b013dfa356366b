/** How far a value can be believed, in a word, and in a sentence for whoever asks why. */
import { qualityName, type Quality } from '../../src/shared/reading.ts';

const WORDS: Record<Quality, { word: string; why: string }> = {
  ok: { word: '', why: '' },
  stale: { word: 'stale', why: 'The sensor had nothing newer: it measured this before it was last asked.' },
  suspect: {
    word: 'suspect',
    why: 'Hard to believe: outside what this sensor can measure, the same for too long, or what it says after it lost its power.',
  },
  missing: { word: 'no answer', why: 'The sensor was asked and did not answer.' },
};

/** Empty words for a value that can be believed. `quality`: byte of a reading. */
export function qualityWords(quality: number): { word: string; why: string } {
  return WORDS[qualityName(quality)];
}
