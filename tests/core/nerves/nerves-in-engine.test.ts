/** Nerves devices through the engine's own door, as window and command line use it: known, then pushed to together. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEngine, type Engine } from '../../../src/core/engine.ts';
import { readFw } from '../../../src/core/nerves/fw-file.ts';
import { findPrograms } from '../../../src/core/programs.ts';
import { realClock } from '../../../src/core/real-clock.ts';
import type { Campaign } from '../../../src/shared/campaign.ts';
import { noLog } from '../../../src/shared/log.ts';
import { fwBytes } from '../../support/fw-file.ts';
import { need } from '../../support/need.ts';
import { PASSWORD, startNervesDevice, type NervesDevice } from '../../support/nerves-device.ts';
import { newHome } from '../../support/run-muster.ts';
import { until } from '../../support/until.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;

async function openEngine(): Promise<{ engine: Engine; folder: string }> {
  const home = newHome();
  const engine = await createEngine({
    places: {
      site: join(home.folder, 'site'),
      config: join(home.folder, 'config'),
      cache: join(home.folder, 'cache'),
    },
    programs: findPrograms(ROOT),
    clock: { ...realClock, after: (ms, fn) => realClock.after(ms / 10, fn) },
    log: noLog,
    watch: false,
    agent: undefined,
  });
  onTestFinished(async () => {
    await engine.close();
    home.remove();
  });
  return { engine, folder: home.folder };
}

async function added(engine: Engine, { port }: NervesDevice): Promise<string> {
  return (await engine.handlers['fleet.addAddress']({ host: '127.0.0.1', port })).device;
}

describe.skipIf(!need('erlang-ssh', 'ssh'))('Nerves devices in the engine', { timeout: 120_000 }, () => {
  it('are trusted by a person first, take this laptop’s key, and are pushed to beside others', async () => {
    const { engine, folder } = await openEngine();
    const { handlers } = engine;
    const path = join(folder, 'weather.fw');
    writeFileSync(path, fwBytes({ resources: [{ name: 'rootfs.img', data: randomBytes(500_000) }] }));
    const { uuid } = await readFw(path);
    const fleet = await Promise.all([
      startNervesDevice({ newUuid: uuid }),
      startNervesDevice({ newUuid: uuid, ending: 'never_up' }),
      startNervesDevice({ newUuid: uuid }),
    ]);
    onTestFinished(async () => void (await Promise.all(fleet.map((one) => one.stop()))));
    const devices: string[] = [];
    for (const one of fleet) devices.push(await added(engine, one));

    const login = { user: 'anyone', password: PASSWORD };
    for (const [i, device] of devices.slice(0, 2).entries()) {
      const first = await handlers['nerves.inspect']({ device, login, trust: null, addKey: true });
      expect(first).toMatchObject({ step: 'confirm-key', fingerprint: { sha256: fleet[i]!.hostKeySha256 } });
      expect(fleet[i]!.events).toEqual([]);
      const trust = first.fingerprint.sha256;
      const ready = await handlers['nerves.inspect']({ device, login, trust, addKey: true });
      expect(ready).toMatchObject({ step: 'ready', loggedInBy: 'own key', facts: { version: '1.1.0' } });
    }
    const records = (await handlers['fleet.snapshot']({})).devices;
    expect(records.find(({ id }) => id === devices[0])).toMatchObject({
      kind: 'nerves',
      mine: true,
      installed: false,
      model: 'rpi4',
      serial: '10000000abcd1234',
      user: 'anyone',
      hostKey: { sha256: fleet[0].hostKeySha256 },
    });

    const { rows: foreseen } = await handlers['campaign.preview']({ paths: [path], devices });
    expect(foreseen.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['update', 'unsigned'],
      ['update', 'unsigned'],
      // never asked what it is
      ['refused', expect.stringContaining('does not run Nerves')],
    ]);

    const { campaign } = await handlers['campaign.start']({
      paths: [path],
      devices,
      canary: 0,
      cap: 3,
      maxFailures: 9,
    });
    const now = async (): Promise<Campaign> =>
      (await handlers['campaigns.snapshot']({})).campaigns.find(({ id }) => id === campaign)!;
    await until(async () => (await now()).state !== 'running', 'the end of the push', 60_000);
    const { rows } = await now();
    expect(rows.map(({ stage, error }) => [stage, error?.code ?? null])).toEqual([
      ['confirmed', null],
      ['rolled-back', 'FIRMWARE_ROLLED_BACK'],
      ['failed', 'FIRMWARE_MISFIT'],
    ]);
    expect(rows[0]).toMatchObject({ from: '1.1.0', rollsBack: 'yes' });
    expect(fleet[2].events).toEqual([]);
  });

  it('that do not evaluate are not taken for Nerves, nor is their key pinned', async () => {
    const { engine } = await openEngine();
    const { handlers } = engine;
    const silent = await startNervesDevice({ execDisabled: true });
    onTestFinished(() => silent.stop());
    const device = await added(engine, silent);
    const login = { user: 'anyone', password: PASSWORD };
    await expect(
      handlers['nerves.inspect']({ device, login, trust: silent.hostKeySha256, addKey: false }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const [record] = (await handlers['fleet.snapshot']({})).devices;
    expect(record).toMatchObject({ kind: 'ssh', mine: false, hostKey: null });
  });
});
