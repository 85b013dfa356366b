/** A configuration after which no laptop comes back, a daemon that dies of one, a power cut under one: the one before returns. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigurationState } from '../../src/shared/device-configuration-calls.ts';
import { SlottedDevice } from '../support/slotted-device.ts';
import { until } from '../support/until.ts';

const BY = 'kim@laptop';

const present = (device: SlottedDevice) => readFileSync(join(device.state, 'config.yaml'), 'utf8');
const state = (device: SlottedDevice): Promise<ConfigurationState> =>
  device.ask((client) => client.call.configuration({}));

/** Has the device restart into its document with `added`; resolves when the daemon has hung up. */
async function tryWith(device: SlottedDevice, added: string, confirmWithinMs: number): Promise<string> {
  const { text, hash: base } = await state(device);
  return device.ask(async (client) => {
    const order = { text: `${text}${added}`, base, by: BY, confirmWithinMs };
    const { hash } = await client.call.tryConfiguration(order);
    await until(() => client.closed, 'the restart', 60_000);
    return hash;
  });
}

async function started(): Promise<{ device: SlottedDevice; before: string }> {
  const device = await SlottedDevice.make();
  device.start();
  await device.measures();
  return { device, before: present(device) };
}

describe('a configuration on trial', { timeout: 240_000 }, () => {
  it('that cuts its own link is taken back, since nobody confirms it', async () => {
    const { device, before } = await started();
    const hash = await tryWith(device, 'name: gone\n', 3000);
    // nobody asks meanwhile, as with a link that is cut
    await until(() => device.log.includes('a configuration is on trial'), 'the trial', 60_000);
    await until(() => present(device) === before, 'the way back', 60_000);
    await device.measures();
    const { trial, history } = await state(device);
    expect(trial).toBeNull();
    expect(history.map(({ outcome, by }) => [outcome, by])).toEqual([
      ['found', null],
      ['taken-back', BY],
    ]);
    expect(history[1]).toMatchObject({ hash, why: 'nobody confirmed it within 3 s' });
  });

  it('that is confirmed stays, over restarts too', async () => {
    const { device } = await started();
    const hash = await tryWith(device, 'name: kept\n', 120_000);
    await until(async () => (await state(device)).trial?.running === true, 'the trial', 60_000);
    await device.ask((client) => client.call.confirmConfiguration({ hash }));
    device.stop();
    device.start();
    await device.measures();
    const after = await state(device);
    expect(after).toMatchObject({ hash, trial: null });
    expect(after.history.at(-1)).toMatchObject({ hash, outcome: 'applied', by: BY });
  });

  it('is taken back when the power goes, and when the marker outlives the document', async () => {
    const { device, before } = await started();
    await tryWith(device, 'name: cut\n', 600_000);
    await until(async () => (await state(device)).trial?.running === true, 'the trial', 60_000);
    const marker = readFileSync(join(device.state, 'configurations/trial.json'), 'utf8');
    await device.powerCut();
    device.start();
    await device.measures();
    expect(present(device)).toBe(before);
    expect((await state(device)).history.at(-1)).toMatchObject({
      outcome: 'taken-back',
      why: 'the daemon ended before anybody confirmed it',
    });
    // cut between the marker and the document
    await device.powerCut();
    device.write(
      'var/lib/muster/configurations/trial.json',
      marker.replace('"started":true', '"started":false'),
    );
    device.start();
    await device.measures();
    expect(present(device)).toBe(before);
    expect((await state(device)).trial).toBeNull();
  });

  it('is refused when somebody changed the present one meanwhile, or when it is wrong', async () => {
    const { device } = await started();
    const { hash: base, text } = await state(device);
    writeFileSync(join(device.state, 'config.yaml'), `${text}# by hand\n`);
    const order = { text: `${text}name: other\n`, by: BY, confirmWithinMs: 60_000 };
    const attempt = (more: object) =>
      device.ask((client) => client.call.tryConfiguration({ ...order, base, ...more }));
    await expect(attempt({})).rejects.toMatchObject({
      code: 'REFUSED',
      details: { reason: expect.stringContaining('was changed by somebody on the device') },
    });
    const { hash } = await state(device);
    const wrong = 'version: 1\nsensors:\n  - { id: a, driver: nope }\n';
    await expect(attempt({ base: hash, text: wrong })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('sensors.0 (line 3): there is no driver nope'),
    });
    expect(present(device)).toBe(`${text}# by hand\n`);
  });
});
