/** A configuration under which a sensor that measured does not, and one while firmware is changed: told, and kept apart. */
import { describe, expect, it } from 'vitest';
import type { ConfigurationState } from '../../src/shared/device-configuration-calls.ts';
import { SlottedDevice, sendBundle } from '../support/slotted-device.ts';
import { until } from '../support/until.ts';

const TERMS = { by: 'kim@laptop', confirmWithinMs: 600_000 };

const state = (device: SlottedDevice): Promise<ConfigurationState> =>
  device.ask((client) => client.call.configuration({}));

/** The trial as it is seen; null also while the device restarts. */
const trialOf = (device: SlottedDevice): Promise<ConfigurationState['trial']> =>
  state(device).then(
    ({ trial }) => trial,
    () => null,
  );

async function started(firmware: Parameters<typeof SlottedDevice.make>[0] = {}): Promise<SlottedDevice> {
  const device = await SlottedDevice.make(firmware);
  device.start();
  await device.measures();
  return device;
}

/** Has the device restart into what `change` makes of its document. */
async function tryWith(device: SlottedDevice, change: (text: string) => string): Promise<void> {
  const { text, hash: base } = await state(device);
  await device.ask(async (client) => {
    await client.call.tryConfiguration({ text: change(text), base, ...TERMS });
    await until(() => client.closed, 'the restart', 60_000);
  });
}

describe('a configuration on trial', { timeout: 240_000 }, () => {
  it('tells which sensor does not measure any more, and which new one does not', async () => {
    const device = await started();
    const broken = '{ id: up, driver: iio, options: { device: gone } }';
    await tryWith(
      device,
      (text) =>
        `${text.replace('{ id: up, driver: uptime, periodMs: 50 }', broken)}  - { id: more, driver: hwmon }\n`,
    );
    let seen: ConfigurationState['trial'] = null;
    await until(
      async () => {
        seen = await trialOf(device);
        const { unmet, silent } = seen?.shows ?? {};
        return unmet?.includes('(') === true && silent?.[0]?.why != null;
      },
      () => `what it shows: ${JSON.stringify(seen)}`,
      60_000,
    );
    expect(seen).toMatchObject({
      running: true,
      shows: {
        unmet: expect.stringMatching(
          /^the sensor up, which measured before, did not \(options\.device must name an IIO device.*\)$/,
        ),
        silent: [{ kind: 'sensor', id: 'more', why: expect.stringContaining('hwmon') }],
      },
    });
    const { before } = seen as unknown as NonNullable<ConfigurationState['trial']>;
    const why = 'the sensor up does not measure';
    await device.ask((client) => client.call.revertConfiguration({ to: before, ...TERMS, why }));
    await device.measures();
    expect((await state(device)).history.at(-1)).toMatchObject({
      outcome: 'taken-back',
      why: `kim@laptop took it back: ${why}`,
    });
  });

  it('shows nothing unmet once all that measured before does', async () => {
    const device = await started();
    await tryWith(device, (text) => text.replace('  - { id: load, driver: load, periodMs: 50 }\n', ''));
    let shows: unknown = null;
    await until(
      async () => {
        ({ shows = null } = (await trialOf(device)) ?? {});
        return JSON.stringify(shows).includes('"unmet":null');
      },
      () => `what it shows: ${JSON.stringify(shows)}`,
      60_000,
    );
    expect(shows).toEqual({ unmet: null, silent: [] });
  });
});

describe('one trial at a time', { timeout: 240_000 }, () => {
  it('refuses firmware while a configuration is on trial', async () => {
    const device = await started();
    const bundle = await device.bundle({ version: '2.0.0' });
    await tryWith(device, (text) => `${text}name: tried\n`);
    const busy = { code: 'DEVICE_BUSY', details: { reason: 'a configuration of kim@laptop is on trial' } };
    await expect(device.ask((client) => sendBundle(client, bundle))).rejects.toMatchObject(busy);
    await expect(device.ask((client) => client.call.rollBackFirmware({}))).rejects.toMatchObject(busy);
  });

  it('refuses a configuration while firmware is on trial', async () => {
    const device = await started({ steadyMs: 120_000, trialMs: 300_000 });
    const files = { 'muster-daemon.mjs': await device.daemon() };
    await device.push(await device.bundle({ version: '2.0.0', files }));
    await device.firmware(({ trial }) => trial !== null, 'the trial');
    const { text, hash: base } = await state(device);
    const order = { text: `${text}name: tried\n`, base, ...TERMS };
    await expect(device.ask((client) => client.call.tryConfiguration(order))).rejects.toMatchObject({
      code: 'DEVICE_BUSY',
      details: { reason: 'firmware version 2.0.0 is on trial' },
    });
  });
});
