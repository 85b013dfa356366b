/** The new version runs, but not as it should: it gives itself up and says what is missing. */
import { describe, expect, it } from 'vitest';
import { SlottedDevice } from '../support/slotted-device.ts';

describe('firmware that loses', { timeout: 240_000 }, () => {
  it('its control socket gives itself up', async () => {
    const device = await SlottedDevice.make();
    device.start();
    await device.measures();
    const recorded = await device.recorded();
    const daemon = `import { Server as TheServer } from 'node:net';
TheServer.prototype.listen = function () {
  process.nextTick(() => this.emit('error', new Error('no socket today')));
  return this;
};
${await device.daemon()}`;
    await device.push(await device.bundle({ version: '2.0.0', files: { 'muster-daemon.mjs': daemon } }));
    const { last } = await device.expectUnharmed(recorded);
    expect(last?.reason).toBe('it did not start: muster: child "control" did not start: no socket today');
  });

  it('a sensor gives itself up, and shows what it waits for meanwhile', async () => {
    const device = await SlottedDevice.make({ settleMs: 10_000 });
    device.start();
    await device.measures();
    const recorded = await device.recorded();
    const daemon = `import theFs from 'node:fs';
import { syncBuiltinESMExports as syncExports } from 'node:module';
const theRead = theFs.readFileSync;
theFs.readFileSync = (path, ...more) => {
  if (String(path).endsWith('proc/uptime')) throw new Error('gone');
  return theRead(path, ...more);
};
syncExports();
${await device.daemon()}`;
    await device.push(await device.bundle({ version: '2.0.0', files: { 'muster-daemon.mjs': daemon } }));
    const { trial } = await device.firmware(({ trial, last }) => {
      const sensors = trial?.gates.find(({ id }) => id === 'sensors');
      return last !== null || sensors?.detail === 'not yet: up';
    });
    expect(trial?.gates.find(({ id }) => id === 'link')).toMatchObject({ met: true });
    expect(trial?.gates.find(({ id }) => id === 'control')).toMatchObject({ met: true });
    const busy = device.ask((client) => client.call.installFirmware({ manifest: 'f'.repeat(64) }));
    await expect(busy).rejects.toMatchObject({
      code: 'DEVICE_BUSY',
      details: { reason: 'firmware version 2.0.0 is on trial' },
    });
    const { last } = await device.expectUnharmed(recorded);
    expect(last?.reason).toMatch(/^the sensor up, which measured before, did not \(.+\) for \d+ s$/);
  });
});
