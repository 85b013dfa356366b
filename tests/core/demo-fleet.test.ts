/** The launcher, with the real program, with programs that fail, and with an engine that is killed. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoFleet, type DemoDevices, type DemoFleetOptions } from '../../src/core/demo-fleet.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import type { MusterError } from '../../src/shared/errors.ts';
import { noLog } from '../../src/shared/log.ts';
import { DEMO_PROGRAM } from '../demo/demo-program.ts';
import { isAlive } from '../demo/is-alive.ts';
import { until } from '../support/until.ts';
import { FakeClock } from '../support/fake-clock.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mdl-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function fleet(options: Partial<DemoFleetOptions> = {}) {
  const program = { command: process.execPath, args: [DEMO_PROGRAM, '--dir', join(dir, 'fleet')] };
  return createDemoFleet({ program, clock: realClock, log: noLog, ...options });
}
const script = (text: string) => ({ command: process.execPath, args: ['-e', text, '--'] });

function login({ user, password, devices }: DemoDevices) {
  const port = devices[0]?.port ?? 0;
  return connectSsh({ host: '127.0.0.1', port, login: { user, password }, verify: () => null });
}

describe('the demo fleet', () => {
  it('starts once, however often it is asked, and stops once', async () => {
    const demo = fleet();
    expect(demo.status()).toEqual({ running: false, devices: [], login: null });
    const [a, b] = await Promise.all([demo.start(2), demo.start(2)]);
    expect(a).toBe(b);
    expect(await demo.start(5)).toBe(a);
    expect(a.devices).toHaveLength(2);
    expect(demo.status()).toEqual({
      running: true,
      devices: a.devices,
      login: { user: a.user, password: a.password },
    });
    await Promise.all([demo.stop(), demo.stop()]);
    await demo.stop();
    expect(demo.status().running).toBe(false);
    expect(existsSync(join(dir, 'fleet'))).toBe(false);
  });

  it('starts anew after a stop, also when asked before that has ended', async () => {
    const demo = fleet();
    const first = await demo.start(1);
    const stopped = demo.stop();
    const second = await demo.start(1);
    await stopped;
    expect(second.password).not.toBe(first.password);
    (await login(second)).close();
    await demo.stop();
  });

  it('cuts the connections of one device', async () => {
    const demo = fleet();
    const devices = await demo.start(1);
    const connection = await login(devices);
    const lost = new Promise<MusterError | undefined>((resolve) => connection.onClose(resolve));
    demo.cut(0);
    expect((await lost)?.code).toBe('CONNECTION_LOST');
    await demo.stop();
    expect(() => demo.cut(0)).toThrow(/not running/);
  });

  it('says with the program’s own last words why it did not start', async () => {
    const demo = fleet({ program: script('console.error("no more ports"); process.exit(3)') });
    await expect(demo.start(1)).rejects.toMatchObject({
      code: 'DEMO_FAILED',
      message: expect.stringMatching(/exit code 3.*no more ports/),
    });
    expect(demo.status().running).toBe(false);
    const absent = fleet({ program: { command: join(dir, 'no-such-program'), args: [] } });
    await expect(absent.start(1)).rejects.toMatchObject({
      code: 'DEMO_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('does not wait for ever for a program that says nothing', async () => {
    const clock = new FakeClock();
    const demo = fleet({ clock, program: script('setInterval(() => {}, 1000)') });
    const failed = demo.start(1).catch((error: MusterError) => error.message);
    await clock.advance(30_000);
    expect(await failed).toMatch(/not ready after 30 s/);
  });

  it('kills a program that does not stop when asked', async () => {
    const clock = new FakeClock();
    const ready = JSON.stringify({ type: 'ready', user: 'u', password: 'p', devices: [] });
    const demo = fleet({
      clock,
      program: script(`console.log(${JSON.stringify(ready)}); setInterval(() => {}, 1000)`),
    });
    await demo.start(1);
    const stopped = demo.stop();
    await clock.advance(15_000);
    await stopped;
    expect(demo.status().running).toBe(false);
  });

  it('tells when a running fleet is lost, and does not start it again', async () => {
    const ready = JSON.stringify({ type: 'ready', user: 'u', password: 'p', devices: [] });
    const lost: MusterError[] = [];
    const demo = fleet({
      onLost: (error) => lost.push(error),
      program: script(`console.log(${JSON.stringify(ready)}); setTimeout(() => process.exit(5), 50)`),
    });
    await demo.start(1);
    await until(() => lost.length === 1, 'the loss is told');
    expect(lost[0]?.message).toContain('exit code 5');
    expect(demo.status()).toEqual({ running: false, devices: [], login: null });
  });

  it('leaves nothing behind when the engine is killed', async () => {
    const engine = spawn(process.execPath, ['--input-type=module-typescript', '-e', ENGINE, DEMO_PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: dir },
    });
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: engine.stdout }).once('line', resolve),
    );
    const connection = await login(JSON.parse(line) as DemoDevices);
    const { stdout } = await connection.exec(
      'setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! $PPID $MUSTER_PREFIX',
    );
    const [daemon, program, folder = ''] = stdout.trim().split(' ');
    const ids = [Number(daemon), Number(program)];
    expect(ids.map(isAlive)).toEqual([true, true]);
    engine.kill('SIGKILL');
    await until(() => !ids.some(isAlive), 'processes are gone');
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(dir)).toEqual([]);
  });
});

/** An engine that does nothing but keep a demo fleet. */
const ENGINE = `
  import { createDemoFleet } from '${new URL('../../src/core/demo-fleet.ts', import.meta.url).pathname}';
  import { realClock } from '${new URL('../../src/core/real-clock.ts', import.meta.url).pathname}';
  const demo = createDemoFleet({
    program: { command: process.execPath, args: [process.argv[1]] },
    clock: realClock,
    log: () => {},
  });
  console.log(JSON.stringify(await demo.start(2)));
`;
