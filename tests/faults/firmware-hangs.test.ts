/** The new version's root loops for ever: nobody in it can give it up, so the boot guard's watcher does. */
import { describe, expect, it } from 'vitest';
import { SlottedDevice } from '../support/slotted-device.ts';

describe('firmware that hangs', { timeout: 240_000 }, () => {
  it('is ended when its time is over, at the first start already', async () => {
    const device = await SlottedDevice.make({ trialMs: 4000, graceMs: 3000 });
    device.start();
    await device.measures();
    const recorded = await device.recorded();
    const daemon = await device.daemon('for (;;);');
    await device.push(await device.bundle({ version: '2.0.0', files: { 'muster-daemon.mjs': daemon } }));
    const { last } = await device.expectUnharmed(recorded);
    expect(last).toMatchObject({
      version: '2.0.0',
      outcome: 'rolled-back',
      reason: 'it hung: nothing was decided within 7 s',
    });
    expect(device.log).not.toContain('start 2 of 2');
  });
});
