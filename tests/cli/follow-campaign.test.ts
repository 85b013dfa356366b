import { describe, expect, it } from 'vitest';
import { campaignText, followCampaign, rowText } from '../../src/cli/follow-campaign.ts';
import { createOutput } from '../../src/cli/output.ts';
import type { Engine, EngineListener } from '../../src/core/engine.ts';
import { newRow } from '../../src/core/firmware/campaign-machine.ts';
import type { Campaign, CampaignRow } from '../../src/shared/campaign.ts';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';
import { firmwareFile } from '../support/firmware-file.ts';

const row = (more: Partial<CampaignRow>): CampaignRow => ({ ...newRow('d', 'pump-1', true), ...more });
const campaign = (rows: CampaignRow[], more: Partial<Campaign> = {}): Campaign => {
  const order = { canary: 1, cap: 8, maxFailures: 1 };
  const times = { startedAt: 0, endedAt: 1 };
  return {
    id: 'push-1',
    files: [firmwareFile()],
    state: 'done',
    reason: null,
    ...times,
    ...order,
    rows,
    ...more,
  };
};
const reason = 'the sensor outside, which measured before, did not';
const rolledBack = errorToWire(new MusterError('FIRMWARE_ROLLED_BACK', reason, { name: 'pump-1', reason }));

describe('a push on the command line', () => {
  it('says of each device where it is, and the cause in the same words as everywhere', () => {
    const text = (more: Partial<CampaignRow>) => rowText(row(more), '1.4.0');
    expect(text({ stage: 'checking' })).toBe(null);
    expect(text({ stage: 'sending', from: '1.3.2' })).toBe('… pump-1 gets 1.4.0, runs 1.3.2');
    expect(text({ stage: 'installing', sent: 2100, total: 2100 })).toBe(
      '… pump-1 has it all (3 kB) and restarts: do not switch it off',
    );
    expect(text({ stage: 'confirmed' })).toBe('✓ pump-1 runs 1.4.0');
    expect(text({ stage: 'rolled-back', detail: reason, error: rolledBack })).toBe(
      `✗ pump-1 tried the new version and went back to the old one: ${reason}.`,
    );
  });

  it('sums up, and is well only when every device runs it', () => {
    expect(campaignText(campaign([row({ stage: 'confirmed' }), row({ stage: 'current' })]))).toEqual({
      text: '2 of 2 run orchard 1.4.0.',
      good: true,
    });
    const rows = [row({ stage: 'rolled-back' }), row({ stage: 'cancelled' }), row({ stage: 'confirmed' })];
    const stopped = { state: 'stopped', reason: '1 of 3 devices failed' } as const;
    expect(campaignText(campaign(rows, stopped))).toEqual({
      text: '1 of 3 run orchard 1.4.0; 1 went back to what they ran; 1 left as they were. Stopped: 1 of 3 devices failed.',
      good: false,
    });
  });

  it('names the version of its own file for each device', async () => {
    const lines: string[] = [];
    const files = [firmwareFile(), firmwareFile({ kind: 'nerves', product: 'weather', version: '2.0.1' })];
    const rows = [
      row({ stage: 'confirmed', file: 0 }),
      row({ device: 'w', name: 'mast', stage: 'confirmed', file: 1 }),
    ];
    const ended = campaign(rows, { files });
    const engine = {
      subscribe: () => () => {},
      handlers: { 'campaigns.snapshot': () => ({ campaigns: [ended] }) },
    } as unknown as Engine;
    const output = createOutput(
      false,
      () => {},
      (line) => lines.push(line.trim()),
    );
    await followCampaign(engine, 'push-1', output);
    expect(lines).toEqual(['✓ pump-1 runs 1.4.0', '✓ mast runs 2.0.1']);
    expect(campaignText(ended).text).toBe('2 of 2 run orchard 1.4.0 or weather 2.0.1.');
  });

  it('is told line by line until it is over, and cancelled by Ctrl+C', async () => {
    const lines: string[] = [];
    const cancelled: string[] = [];
    let tell: EngineListener = () => {};
    const running = campaign([row({ stage: 'sending' })], { state: 'running', endedAt: null });
    const engine = {
      subscribe: (listener: EngineListener) => {
        tell = listener;
        return () => {};
      },
      handlers: {
        'campaigns.snapshot': () => ({ campaigns: [running] }),
        'campaign.cancel': ({ campaign: id }: { campaign: string }) => {
          cancelled.push(id);
          tell(
            'campaign',
            campaign([row({ stage: 'cancelled', detail: 'left as it was' })], { state: 'cancelled' }),
          );
          return {};
        },
      },
    } as unknown as Engine;
    const following = followCampaign(
      engine,
      'push-1',
      createOutput(
        false,
        () => {},
        (line) => lines.push(line.trim()),
      ),
    );
    await Promise.resolve();
    process.emit('SIGINT');
    expect((await following).state).toBe('cancelled');
    expect(cancelled).toEqual(['push-1']);
    expect(lines).toEqual([
      '… pump-1 gets 1.4.0',
      expect.stringContaining('Cancelled: nobody new is begun.'),
      '– pump-1: left as it was',
    ]);
  });
});
