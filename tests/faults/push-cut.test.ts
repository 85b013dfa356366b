import { describe, expect, it } from 'vitest';
import { CampaignSite } from '../support/campaign-site.ts';

const BYTES = 3_000_000;

describe('a push whose cable is pulled', () => {
  it.each([1, 50, 99])('at %d % goes on from there and sends nothing twice', async (percent) => {
    const site = await CampaignSite.open(['well'], BYTES);
    const device = site.device(0);
    let cut = false;
    device.onWrite = (received) => {
      if (cut || received < (BYTES * percent) / 100) return;
      cut = true;
      device.cut();
    };
    const { rows } = await site.ended(await site.start());
    expect(cut).toBe(true);
    expect(rows[0]).toMatchObject({ stage: 'confirmed', error: null });
    expect(rows[0]?.sent).toBe(rows[0]?.total);
    // what was on the way when it was cut, and no more
    expect(device.received - (rows[0]?.total ?? 0)).toBeLessThan(9 * 128 * 1024);
    expect(device.installs).toBe(1);
  });
});
