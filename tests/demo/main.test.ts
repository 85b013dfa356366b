/** The demo's program as the engine runs it: starting many, taking commands, and leaving nothing behind. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import { DEMO_PROGRAM, startDemoProgram, type DemoProgram } from './demo-program.ts';
import { isAlive } from './is-alive.ts';
import { until } from '../support/until.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mdm-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function login({ ready }: DemoProgram, index = 0) {
  const { port = 0 } = ready.devices[index] ?? {};
  const { user, password } = ready;
  return connectSsh({ host: '127.0.0.1', port, login: { user, password }, verify: () => null });
}

/** Starts what a daemon is: a process that left the session of the command that started it. */
async function startDaemon(demo: DemoProgram, index = 0): Promise<{ id: number; folder: string }> {
  const connection = await login(demo, index);
  const { stdout } = await connection.exec(
    'setsid sh -c \'trap "" HUP; echo $$ > $TMPDIR/id; while :; do sleep 600; done\' </dev/null >/dev/null 2>&1 & ' +
      'until test -s $TMPDIR/id; do sleep 0.02; done; cat $TMPDIR/id; echo $MUSTER_PREFIX',
  );
  connection.close();
  const [id, folder = ''] = stdout.trim().split('\n');
  expect(isAlive(Number(id))).toBe(true);
  return { id: Number(id), folder };
}

describe('the demo program', () => {
  it('starts twenty devices in a few seconds, each with a name and port of its own', async () => {
    const since = performance.now();
    const demo = await startDemoProgram(['--devices', '20', '--dir', join(dir, 'many')]);
    const took = performance.now() - since;
    expect(new Set(demo.ready.devices.map(({ name }) => name)).size).toBe(20);
    expect(new Set(demo.ready.devices.map(({ port }) => port)).size).toBe(20);
    expect(demo.ready.devices.every(({ host }) => host === '127.0.0.1')).toBe(true);
    expect(demo.ready.password).toMatch(/^([a-z]{4}-){3}[a-z]{4}$/);
    expect(took).toBeLessThan(5000);
    const connection = await login(demo, 19);
    expect((await connection.exec('cat $MUSTER_PREFIX/etc/hostname')).stdout.trim()).toBe(
      demo.ready.devices[19]?.name,
    );
    connection.close();
    expect(await demo.hangUp()).toBe(0);
    expect(existsSync(join(dir, 'many'))).toBe(false);
  });

  it('keeps its password out of its arguments and environment', async () => {
    const demo = await startDemoProgram(['--devices', '1', '--dir', join(dir, 'secret')]);
    const { pid } = demo.child;
    for (const file of ['cmdline', 'environ'])
      expect(readFileSync(`/proc/${pid}/${file}`, 'utf8')).not.toContain(demo.ready.password);
    await demo.hangUp();
  });

  it('cuts one device on command and says so; nonsense is answered, not obeyed', async () => {
    const demo = await startDemoProgram(['--devices', '2', '--dir', join(dir, 'cut')]);
    const connections = [await login(demo, 0), await login(demo, 1)];
    const cut: number[] = [];
    connections.forEach((connection, i) => connection.onClose(() => cut.push(i)));
    demo.tell({ type: 'cut', device: 1 });
    await until(() => cut.length > 0, 'the connection is cut');
    expect(cut).toEqual([1]);
    expect(demo.messages).toContainEqual({ type: 'cut', device: 1, connections: 1 });
    demo.child.stdin?.write('{"type":"explode"}\nnot json\n{"type":"cut","device":7}\n');
    await until(() => demo.messages.filter(({ type }) => type === 'error').length === 3, 'three errors');
    expect((await connections[0]?.exec('echo still here'))?.code).toBe(0);
    demo.tell({ type: 'stop' });
    expect(await demo.hangUp()).toBe(0);
    expect(demo.messages.at(-1)).toEqual({ type: 'stopped' });
  });

  it.each([
    ['its input closes', (demo: DemoProgram) => demo.child.stdin?.end()],
    ['SIGTERM', (demo: DemoProgram) => demo.child.kill('SIGTERM')],
  ])('on %s ends the daemons it hosted and removes the folders', async (_what, end) => {
    const demo = await startDemoProgram(['--devices', '2', '--dir', join(dir, 'end')]);
    const daemon = await startDaemon(demo, 1);
    const closed = once(demo.child, 'close');
    end(demo);
    expect(await closed).toEqual([0, null]);
    expect(isAlive(daemon.id)).toBe(false);
    expect(existsSync(daemon.folder)).toBe(false);
  });

  it('ends a daemon that ignores SIGTERM', async () => {
    const demo = await startDemoProgram(['--devices', '1', '--dir', join(dir, 'stubborn')]);
    const connection = await login(demo);
    const { stdout } = await connection.exec(
      'setsid sh -c \'trap "" TERM HUP; while :; do sleep 600; done\' </dev/null >/dev/null 2>&1 & echo $!',
    );
    expect(isAlive(Number(stdout))).toBe(true);
    await demo.hangUp();
    expect(isAlive(Number(stdout))).toBe(false);
  });

  it('keeps folders when asked to, and its devices come back as they were', async () => {
    const kept = join(dir, 'kept');
    const args = ['--devices', '2', '--dir', kept, '--keep'];
    const first = await startDemoProgram(args);
    const before = await login(first);
    await before.exec('echo mine > note');
    const { fingerprint } = before;
    await first.hangUp();
    const second = await startDemoProgram(args);
    expect(second.ready.devices).toEqual(first.ready.devices);
    expect(second.ready.password).not.toBe(first.ready.password);
    const after = await login(second);
    expect(after.fingerprint).toEqual(fingerprint);
    expect((await after.exec('cat note')).stdout).toBe('mine\n');
    after.close();
    await second.hangUp();
    expect(readdirSync(kept).toSorted()).toEqual(first.ready.devices.map(({ name }) => name).toSorted());
  });

  it('removes nothing that it did not make', async () => {
    const shared = join(dir, 'shared');
    const demo = await startDemoProgram(['--devices', '1', '--dir', shared]);
    writeFileSync(join(shared, 'letter'), 'dear');
    expect(await demo.hangUp()).toBe(0);
    expect(readdirSync(shared)).toEqual(['letter']);
  });

  it('clears what a killed one left, at its next start', async () => {
    const temporary = { TMPDIR: dir };
    const killed = await startDemoProgram(['--devices', '1'], ['env', `TMPDIR=${temporary.TMPDIR}`]);
    const daemon = await startDaemon(killed);
    const closed = once(killed.child, 'close');
    killed.child.kill('SIGKILL');
    await closed;
    expect(isAlive(daemon.id)).toBe(true);
    expect(existsSync(daemon.folder)).toBe(true);
    const next = await startDemoProgram(['--devices', '1'], ['env', `TMPDIR=${temporary.TMPDIR}`]);
    expect(isAlive(daemon.id)).toBe(false);
    expect(existsSync(daemon.folder)).toBe(false);
    await next.hangUp();
    expect(readdirSync(dir).filter((name) => name.startsWith('muster-demo-'))).toEqual([]);
  });

  it.each([
    [['--devices', '0'], /--devices must be a whole number from 1 to 50, not 0/],
    [['--devices', 'many'], /not many/],
    [['--nonsense'], /--nonsense/],
    [['--dir', `/tmp/${'x'.repeat(90)}`], /path is over \d+ bytes/],
    [['--dir', '/proc/nowhere'], /\/proc\/nowhere/],
  ])('says what is wrong with %j', (args, words) => {
    let told = { status: 0, stderr: '' };
    try {
      execFileSync(process.execPath, [DEMO_PROGRAM, ...args], {
        input: '',
        encoding: 'utf8',
        stdio: 'pipe',
        timeout: 10_000,
      });
    } catch (error) {
      told = error as typeof told;
    }
    expect(told.status).toBe(1);
    expect(told.stderr).toMatch(words);
    expect(told.stderr).not.toMatch(/\n\s+at /);
  });
});
