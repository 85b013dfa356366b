/**
 * The engine over a demo fleet of one: every hop is the product's own, the device is a process with a real SSH
 * server. One device is taken through its whole life, so the steps stand in order.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/core/engine.ts';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import { findPrograms } from '../../src/core/programs.ts';
import { realClock } from '../../src/core/real-clock.ts';
import type { DeviceRecord, Login } from '../../src/shared/engine-contract.ts';
import { noLog } from '../../src/shared/log.ts';
import { newHome } from '../support/run-muster.ts';
import { until } from '../support/until.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const home = newHome();
let engine: Engine;
let device: string;
let login: Login;

beforeAll(async () => {
  engine = await createEngine({
    places: {
      site: join(home.folder, 'site'),
      config: join(home.folder, 'config'),
      cache: join(home.env['XDG_CACHE_HOME'] ?? home.folder, 'muster'),
    },
    programs: findPrograms(ROOT),
    clock: realClock,
    log: noLog,
    watch: true,
    agent: undefined,
  });
  await engine.handlers['demo.start']({ devices: 1 });
  login = (await engine.handlers['demo.status']({})).login ?? { user: '' };
}, 60_000);

afterAll(async () => {
  await engine.close();
  home.remove();
}, 60_000);

async function records(): Promise<DeviceRecord[]> {
  return (await engine.handlers['fleet.snapshot']({})).devices.filter((record) => record.demo);
}

async function record(): Promise<DeviceRecord> {
  const found = (await records()).find(({ id }) => id === device);
  if (!found) throw new Error(`${device} is gone`);
  return found;
}

async function inspected() {
  const first = await engine.handlers['install.inspect']({ device, login, trust: null });
  if (first.step === 'ready') return first;
  const second = await engine.handlers['install.inspect']({ device, login, trust: first.fingerprint.sha256 });
  if (second.step !== 'ready') throw new Error('a confirmed key was asked for again');
  return second;
}

describe('the engine', () => {
  it('sees the device within seconds and knows it for a virtual one', async () => {
    await until(async () => (await records()).length === 1, 'the device');
    const [found] = await records();
    device = found?.id ?? '';
    expect(found).toMatchObject({ presence: 'nearby', mine: false, installed: false });
  }, 20_000);

  it('sends no login to a key that nobody confirmed', async () => {
    const answer = await engine.handlers['install.inspect']({ device, login, trust: null });
    expect(answer).toMatchObject({
      step: 'confirm-key',
      fingerprint: { sha256: expect.stringMatching(/^SHA256:/) },
    });
    expect(await record()).toMatchObject({ hostKey: null });
    const other = engine.handlers['install.inspect']({ device, login, trust: 'SHA256:somebody-else' });
    await expect(other).resolves.toMatchObject({ step: 'confirm-key' });
  }, 20_000);

  it('refuses a wrong password by name', async () => {
    const { fingerprint } = await engine.handlers['install.inspect']({ device, login, trust: null });
    const wrong = { ...login, password: 'guess' };
    const answer = engine.handlers['install.inspect']({ device, login: wrong, trust: fingerprint.sha256 });
    await expect(answer).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  }, 20_000);

  it('installs by the plan it showed, and knows the device by its own id from then on', async () => {
    const { session, plan } = await inspected();
    expect(plan).toMatchObject({ changes: true, needsSudoPassword: false });
    const { job } = await engine.handlers['install.start']({ session, sudoPassword: null });
    const ended = await engine.jobEnded(job);
    expect(ended).toMatchObject({ state: 'done', error: null });
    expect(ended.steps.map(({ id, state }) => [id, state])).toEqual(plan.steps.map(({ id }) => [id, 'done']));
    device = ended.device ?? '';
    expect(device).toMatch(/^[0-9a-f-]{36}$/);
    expect(await record()).toMatchObject({ mine: true, installed: true });
    expect((await records()).length).toBe(1);
  }, 120_000);

  it('follows its readings without a password', async () => {
    await engine.linked(device, 20_000);
    const { serial } = await engine.handlers['series.pull']({ device, after: null, waitMs: 0 });
    const pulled = await engine.handlers['series.pull']({ device, after: serial, waitMs: 10_000 });
    expect(pulled.t.length / 8).toBeGreaterThan(0);
    expect(pulled.serial).toBe(serial + pulled.quality.length);
    const channels = async () => (await engine.handlers['channels.list']({ device })).channels.length;
    await until(async () => (await channels()) > 5, 'the channels of all sensors');
    const status = await engine.handlers['device.status']({ device });
    expect(status.sensors.map(({ state }) => state)).not.toContain('failing');
    const { rows } = await engine.handlers['device.tree']({ device });
    expect(rows.every(({ state }) => state === 'running')).toBe(true);
  }, 60_000);

  it('has nothing to do on a second installation', async () => {
    const { session, plan } = await inspected();
    expect(plan).toMatchObject({ changes: false, steps: [] });
    const { job } = await engine.handlers['install.start']({ session, sudoPassword: null });
    await expect(engine.jobEnded(job)).resolves.toMatchObject({ state: 'done', device });
  }, 60_000);

  it('loses nothing and doubles nothing when the cable is pulled', async () => {
    const before = (await record()).link.reconnects;
    engine.cutDemo(0);
    await until(async () => (await record()).link.reconnects > before, 'a reconnection');
    expect(await engine.caughtUp(device, 10_000)).toBe(true);
    const choice = { devices: [device], channels: [], from: null, to: null };
    const { rows } = await engine.handlers['export.preview'](choice);
    expect(rows).toBeGreaterThan(0);
    const { channels } = await engine.handlers['channels.list']({ device });
    const { gaps } = await engine.handlers['series.query']({
      channels: channels.map(({ id }) => id),
      from: 0,
      to: Date.now(),
      pixels: 500,
    });
    expect(gaps).toEqual([]);
  }, 60_000);

  it('takes a changed key in the old one’s place only when it is the one that was shown', async () => {
    const refused = engine.handlers['trust.replace'] as (input: unknown) => unknown;
    expect(() => refused({ device, sha256: 'SHA256:never-shown' })).toThrow(/yet another key/);
  });

  it('does not uninstall where its key is not accepted any more, and says that it has to log in', async () => {
    const { host = '', port = 0 } = (await record()).addresses[0] ?? {};
    const connection = await connectSsh({ host, port, login, verify: () => null });
    await connection.exec('rm "$HOME/.ssh/authorized_keys"');
    connection.close();
    const start = { device, sudoPassword: null, keepData: false };
    const without = await engine.handlers['uninstall.start'](start);
    const ended = await engine.jobEnded(without.job);
    expect(ended.state).toBe('failed');
    expect(['AUTH_FAILED', 'AUTH_NEEDED']).toContain(ended.error?.code);
    expect(await record()).toMatchObject({ mine: true, installed: true });
  }, 60_000);

  it('uninstalls with the password, and the device is a stranger with a known key again', async () => {
    const { password } = login;
    const start = { device, password, sudoPassword: null, keepData: false };
    const { job } = await engine.handlers['uninstall.start'](start);
    await expect(engine.jobEnded(job)).resolves.toMatchObject({ state: 'done', error: null });
    expect(await record()).toMatchObject({ mine: false, installed: false, link: { state: 'off' } });
    await expect(
      Promise.resolve().then(() => engine.handlers['device.status']({ device })),
    ).rejects.toMatchObject({
      code: 'NOT_INSTALLED',
    });
  }, 60_000);
});
