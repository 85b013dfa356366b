/** The new version ends by itself: the boot guard counts, gives it up, and the old one says so. */
import { describe, expect, it } from 'vitest';
import { SlottedDevice } from '../support/slotted-device.ts';

describe('firmware that crashes', { timeout: 240_000 }, () => {
  it('at once is given up after its starts are spent', async () => {
    const device = await SlottedDevice.make();
    device.start();
    await device.measures();
    const recorded = await device.recorded();
    const files = { 'muster-daemon.mjs': 'process.exit(3);\n' };
    const manifest = await device.push(await device.bundle({ version: '2.0.0', files }));
    const { last, slots } = await device.expectUnharmed(recorded);
    expect(last).toEqual({
      manifest,
      version: '2.0.0',
      outcome: 'rolled-back',
      reason: 'it ended by itself, 2 times, before it had proved itself',
    });
    expect(slots.map(({ slot, version }) => [slot, version])).toEqual([
      ['a', '1.0.0'],
      ['b', '2.0.0'],
      ['factory', '1.0.0'],
    ]);
    expect(device.log).toContain('version in slot b is on trial, start 2 of 2');
    // and is not gone back to: it never was any good
    await expect(device.ask((client) => client.call.rollBackFirmware({}))).rejects.toMatchObject({
      code: 'REFUSED',
      details: { reason: 'there is no version from before this one' },
    });
  });

  it('when it has run for a while is given up too', async () => {
    const device = await SlottedDevice.make({ starts: 1, steadyMs: 30_000 });
    device.start();
    await device.measures();
    const recorded = await device.recorded();
    const daemon = await device.daemon(
      `const { existsSync } = process.getBuiltinModule('node:fs');
    setInterval(() => existsSync(process.env.MUSTER_PREFIX + '/crash') && process.exit(1), 50);`,
    );
    await device.push(await device.bundle({ version: '2.0.0', files: { 'muster-daemon.mjs': daemon } }));
    const tried = await device.firmware(({ trial, last }) => trial !== null || last !== null);
    expect(tried).toMatchObject({ running: 'b', trial: { slot: 'b', version: '2.0.0' } });
    device.write('crash', '');
    const { last } = await device.expectUnharmed(recorded);
    expect(last?.reason).toBe('it ended by itself, once, before it had proved itself');
  });
});
