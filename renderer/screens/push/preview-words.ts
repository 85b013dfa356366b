/** What a push would do on a device, in one word and tone. Pure. */
import type { Tone } from '../../text/device-state.ts';
import type { Preview } from '../../parts/use-preview.ts';

export type PreviewRow = Preview<'campaign.preview'>['rows'][number];

const VERDICTS: Record<PreviewRow['verdict'], { tone: Tone; word: string }> = {
  update: { tone: 'good', word: 'Will get it' },
  downgrade: { tone: 'attention', word: 'Goes back to an older version' },
  current: { tone: 'good', word: 'Has it already' },
  offline: { tone: 'attention', word: 'Gets it as soon as it is seen' },
  refused: { tone: 'bad', word: 'Will not take it' },
};

export function verdictWord({ verdict }: Pick<PreviewRow, 'verdict'>): { tone: Tone; word: string } {
  return VERDICTS[verdict];
}

/** Devices that a push is worth starting for: they would get it now, or when they are seen. */
export function takers(rows: readonly PreviewRow[]): string[] {
  return rows
    .filter(({ verdict }) => verdict !== 'refused' && verdict !== 'current')
    .map(({ device }) => device);
}
