/** Nothing goes wrong: what all the faults of firmware are measured by. */
import { describe, expect, it } from 'vitest';
import { SlottedDevice } from '../support/slotted-device.ts';

describe('firmware that is fine', { timeout: 180_000 }, () => {
  it('is tried, kept, and gone back from when a person wants it', async () => {
    const device = await SlottedDevice.make();
    device.start();
    await device.measures();
    expect(await device.firmware()).toMatchObject({
      running: 'a',
      slots: [
        { slot: 'a', product: 'muster', version: '1.0.0', manifest: null },
        { slot: 'factory', version: '1.0.0' },
      ],
      trial: null,
      last: null,
      keys: [device.key.publicKey],
    });

    const manifest = await device.push(
      await device.bundle({ version: '2.0.0', files: { 'muster-daemon.mjs': await device.daemon() } }),
    );
    const kept = await device.firmware(
      ({ last, trial }) => last !== null && trial === null,
      'the end of the trial',
    );
    expect(kept).toMatchObject({
      running: 'b',
      trial: null,
      last: { manifest, version: '2.0.0', outcome: 'confirmed', reason: 'healthy, and a laptop has seen it' },
    });
    expect(device.current).toBe('slots/b');

    await device.measures();
    expect(await device.ask((client) => client.call.rollBackFirmware({}))).toEqual({ version: '1.0.0' });
    const back = await device.firmware(
      ({ running, trial }) => running === 'a' && trial === null,
      'the way back',
    );
    expect(back.last).toEqual({
      manifest: null,
      version: '1.0.0',
      outcome: 'rolled-back',
      reason: 'a person went back to it',
    });
    expect(device.current).toBe('slots/a');
    expect(device.read('var/lib/muster/life.json')).toContain('"failures":0');
  });
});
