/** The bundle brings a Node.js that this device cannot run: no Node of it can say so, the boot guard does. */
import { describe, expect, it } from 'vitest';
import { SlottedDevice } from '../support/slotted-device.ts';

describe('firmware whose runtime does not start', { timeout: 240_000 }, () => {
  it.each([
    ['is no program', 'not a program'],
    ['ends with an error', '#!/bin/sh\nexit 1\n'],
  ])('because it %s is given up at its first start', async (_, node) => {
    const device = await SlottedDevice.make();
    device.start();
    await device.measures();
    const recorded = await device.recorded();
    const files = { 'muster-daemon.mjs': await device.daemon(), node };
    await device.push(await device.bundle({ version: '2.0.0', files }));
    const { last } = await device.expectUnharmed(recorded);
    expect(last).toMatchObject({ version: '2.0.0', reason: 'its Node.js does not start on this device' });
  });
});
