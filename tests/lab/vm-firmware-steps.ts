/** Firmware on the lab's device: one that is good, one that is bad, one whose trial is cut. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../src/build/build.ts';
import { openKeyring } from '../../src/core/firmware/keyring.ts';
import { findPrograms } from '../../src/core/programs.ts';
import type { FirmwareState } from '../../src/shared/firmware.ts';
import { DAEMON_PATH } from '../../src/shared/firmware.ts';
import { ended } from '../support/run-muster.ts';
import { writeTestBundle } from '../support/firmware.ts';
import { until } from '../support/until.ts';
import type { Laptop } from './laptop.ts';
import { measuring, type Lab } from './common-steps.ts';

const TRIAL_MS = 600_000;

async function state(laptop: Laptop): Promise<FirmwareState> {
  const [of] = await laptop.json<FirmwareState[]>(['firmware', 'status', 'HOST']);
  return of!;
}

/** A firmware file that the command line would not make, signed with this laptop's key. */
async function odd({ laptop, folder }: Lab, version: string, daemon: string): Promise<string> {
  const keyring = openKeyring(join(laptop.env['XDG_CONFIG_HOME'] ?? '', 'muster'));
  const key = (await keyring.list()).find(({ own }) => own);
  const { secret, ...publicKey } = await keyring.secretOf(key!.id);
  const pair = { publicKey: Buffer.from(publicKey.key, 'base64'), seed: Buffer.from(secret, 'base64') };
  const path = join(folder, `${version}.mfw`);
  const files = { [DAEMON_PATH]: daemon };
  await writeTestBundle(path, { version, arch: ['x64'], files, keys: [{ publicKey, pair }] });
  return path;
}

/** As a person does it: a key, a build, a push; the device trusts the key since the installation or is told to. */
export async function goodFirmware(lab: Lab) {
  const { laptop, folder } = lab;
  await laptop.run(['firmware', 'keygen', '--name', 'lab']);
  const { keys } = await laptop.json<{ keys: { id: string; own: boolean }[] }>(['firmware', 'keys']);
  const own = keys.filter((key) => key.own);
  const trusted = new Set((await state(laptop)).keys.map(({ id }) => id));
  const signer = own.find(({ id }) => trusted.has(id)) ?? own[0]!;
  if (!trusted.has(signer.id)) await laptop.run(['firmware', 'trust', 'HOST', signer.id]);
  const path = join(folder, 'good.mfw');
  await laptop.run([
    'firmware',
    'build',
    '--arch',
    'x64',
    '--without-runtime',
    '--out',
    path,
    '--key',
    signer.id,
  ]);
  const told = await laptop.run(['firmware', 'push', path, '--devices', 'HOST']);
  const { running, last, trial } = await state(laptop);
  assert.equal(trial, null);
  assert.equal(last?.outcome, 'confirmed');
  await measuring(lab);
  return { running, last, told: told.trim() };
}

/** It ends at once: the guard gives it up, and the old version says so. */
export async function badFirmware(lab: Lab) {
  const { laptop } = lab;
  const before = await state(laptop);
  const path = await odd(lab, '7.0.0', 'process.exit(3);\n');
  const { code, stdout, stderr } = await laptop.try(['firmware', 'push', path, '--devices', 'HOST']);
  assert.equal(code, 1, stdout + stderr);
  const { running, last } = await state(laptop);
  assert.equal(running, before.running);
  assert.equal(last?.outcome, 'rolled-back');
  await measuring(lab);
  return { running, reason: last.reason, told: (stdout + stderr).trim().split('\n').slice(-2) };
}

/** The plug is pulled while a version that would be good proves itself: the old one runs. */
export async function cutInTrial(lab: Lab) {
  const { machine, laptop } = lab;
  const before = await state(laptop);
  const daemon = readFileSync(findPrograms(ROOT).daemon.path, 'utf8');
  const path = await odd(lab, '8.0.0', `${daemon}\n// another\n`);
  const push = laptop.start(['firmware', 'push', path, '--devices', 'HOST']);
  const over = ended(push);
  const tried = () => machine.try('cat /opt/muster/firmware/trial-starts').status === 0;
  await until(tried, 'the start of the trial', TRIAL_MS);
  // in the middle of it: it has to be steady for 20 s
  await until(
    () => machine.try('test -S /run/muster/muster.sock').status === 0,
    'the daemon on trial',
    TRIAL_MS,
  );
  await machine.cutPower();
  const boot_s = await machine.boot();
  await measuring(lab);
  const { code, stdout, stderr } = await over;
  const { running, last, trial } = await state(laptop);
  assert.equal(trial, null);
  assert.equal(running, before.running);
  assert.equal(last?.outcome, 'rolled-back');
  return {
    boot_s,
    running,
    reason: last.reason,
    push: { code, told: (stdout + stderr).trim().split('\n').slice(-2) },
  };
}
