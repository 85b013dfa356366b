/** The bundle as a real process: starts, serves, stops, goes on. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import mdns from 'multicast-dns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../../src/core/install/runtime.ts';
import type { Cursor } from '../../src/shared/reading.ts';
import { VERSION } from '../../src/shared/version.ts';
import { daemonBundle, TestPrefix, unpack } from '../support/daemon-process.ts';
import { need } from '../support/need.ts';
import { RUNTIME_CACHE } from '../support/test-device.ts';
import { until } from '../support/until.ts';

const CONFIG = `
version: 1
name: bench
announce: { by: none }
buses:
  - id: i2c-1
    kind: sim
    chips:
      - { chip: tmp102, address: 0x48, seed: 7 }
      - { chip: bme280, address: 0x76 }
sensors:
  - { id: air, name: Air, driver: tmp102, bus: i2c-1, periodMs: 50 }
  - { id: climate, driver: bme280, bus: i2c-1, periodMs: 100 }
  - { id: load, driver: load, periodMs: 100 }
  - { id: ghost, driver: tmp102, bus: i2c-9 }
  - { id: unknown, driver: nosuch }
`;

describe('the daemon as a process', () => {
  let prefix: TestPrefix;
  beforeEach(() => {
    prefix = new TestPrefix();
    prefix.config(CONFIG);
  });
  afterEach(() => prefix.remove());

  it('is one file of under 1 MB that says its version', async () => {
    expect(statSync(await daemonBundle()).size).toBeLessThan(1_000_000);
    const { ended, said } = await prefix.spawn(['version']);
    expect(await ended).toBe(0);
    expect(JSON.parse(said())).toMatchObject({ version: VERSION, protocol: 1, arch: process.arch });
  });

  it('serves readings, stops in order, and a cursor goes on in the next run', async () => {
    const first = await prefix.run();
    let client = await prefix.connect();
    let after: Cursor | null = null;
    const seen = new Map<number, number>();
    const pullUntil = async (rows: number, run: number) => {
      let n = 0;
      while (n < rows) {
        const answer = await client.call.pull({ after, maxBytes: 1_000_000, waitMs: 5000 });
        for (const { run: of, batch, data } of answer.batches) {
          expect(batch).toBe((seen.get(of) ?? 0) + 1);
          seen.set(of, batch);
          after = { run: of, batch };
          const columns = unpack(data);
          if (of === run) n += columns.value.length;
        }
      }
    };
    await pullUntil(60, 1);
    const { runs } = await client.call.runs({ from: 1 });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ run: 1, current: true, firstBatch: 1 });
    const names = runs[0]?.channels.map(({ sensor, channel, unit }) => `${sensor}/${channel} ${unit}`);
    expect(names).toEqual(
      expect.arrayContaining(['air/temperature Cel', 'climate/pressure Pa', 'load/load1 /']),
    );

    await until(async () => (await client.call.status({})).sensors.length === 5, 'five sensors');
    const status = await client.call.status({});
    const states = Object.fromEntries(status.sensors.map(({ sensor, state }) => [sensor, state]));
    expect(states).toEqual({ air: 'ok', climate: 'ok', load: 'ok', ghost: 'failing', unknown: 'failing' });
    expect(status.sensors.find(({ sensor }) => sensor === 'ghost')?.lastError).toContain('i2c-9');
    expect(status.sensors.find(({ sensor }) => sensor === 'unknown')?.lastError).toContain('nosuch');
    const { rows } = await client.call.tree({});
    expect(rows.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['muster', 'muster/journal', 'muster/sensors/i2c-1/air', 'muster/control']),
    );

    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    client.close();

    await prefix.run();
    client = await prefix.connect();
    await pullUntil(20, 2);
    const later = await client.call.runs({ from: 1 });
    expect(later.runs.map(({ run, current }) => [run, current])).toEqual([
      [1, false],
      [2, true],
    ]);
    // all of the first run, its tail included, has come over
    expect(seen.get(1)).toBe(later.runs[0]?.lastBatch);
    client.close();
  });

  it('keeps what was read until the moment of SIGTERM', async () => {
    prefix.config(CONFIG.replace('name: bench', 'journal: { idleFlushMs: 60000, flushMs: 60000 }'));
    const first = await prefix.run();
    const client = await prefix.connect();
    await until(async () => (await client.call.status({})).sensors[0]?.state === 'ok', 'a reading');
    client.close();
    // Told twice, by its supervising script and by whoever ends all processes: the second must not cut the end short.
    first.process.kill('SIGTERM');
    await until(() => first.said().includes('stopping'), 'the end begins');
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    await prefix.run();
    const again = await prefix.connect();
    const { batches } = await again.call.pull({ after: null, maxBytes: 1_000_000, waitMs: 0 });
    expect(batches[0]).toMatchObject({ run: 1, batch: 1 });
    expect(unpack(batches[0]?.data ?? new Uint8Array()).value.length).toBeGreaterThan(0);
    again.close();
  });

  it('refuses a second daemon and takes over from one that died', async () => {
    const first = await prefix.run();
    const second = await prefix.spawn(['run']);
    expect(await second.ended).toBe(4);
    expect(second.said()).toContain('answers on');
    first.process.kill('SIGKILL');
    await first.ended;
    expect(statSync(prefix.socket).isSocket()).toBe(true);
    await prefix.run();
    (await prefix.connect()).close();
  });

  it('lets only its user and group at the socket', async () => {
    await prefix.run();
    expect((statSync(prefix.socket).mode & 0o777).toString(8)).toBe('660');
  });

  it('bridges standard input and output to the socket', async () => {
    const away = await prefix.spawn(['bridge']);
    expect(await away.ended).toBe(5);
    await prefix.run();
    const bridge = await prefix.spawn(['bridge']);
    // an absurd frame length: the daemon hangs up, and the bridge ends with it
    bridge.process.stdin?.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    expect(await bridge.ended).toBe(0);
  });

  it('announces itself on the interface it is told, and says goodbye', async () => {
    prefix.config(CONFIG.replace('{ by: none }', '{ by: self, sshPort: 2222 }'));
    const listener = mdns({ interface: '127.0.0.1', bind: '0.0.0.0' });
    const heard: string[] = [];
    listener.on('response', ({ answers }) => {
      for (const row of answers ?? [])
        if (row.type === 'TXT')
          heard.push(`${row.name} ${[row.data].flat().map(String).join(' ')} ${row.ttl}`);
    });
    const daemon = await prefix.run();
    const { id } = JSON.parse(readFileSync(join(prefix.state, 'identity.json'), 'utf8')) as { id: string };
    const said = `bench._muster._tcp.local id=${id} v=${VERSION} p=1`;
    await until(() => heard.includes(`${said} 4500`), 'the announcement');
    daemon.process.kill('SIGTERM');
    await until(() => heard.includes(`${said} 0`), 'the goodbye');
    expect(await daemon.ended).toBe(0);
    listener.destroy();
  });

  it('runs with the defaults and says why when its configuration is broken', async () => {
    prefix.config('version: 1\nsensors: [{id: a, driver: load, periodMs: -1}]\n');
    const check = await prefix.spawn(['check']);
    expect(await check.ended).toBe(3);
    expect(check.said()).toMatch(/sensors\.0\.periodMs \(line 2\)/);
    await prefix.run();
    const client = await prefix.connect();
    const { sensors } = await client.call.status({});
    expect(sensors[0]).toMatchObject({ sensor: 'configuration', state: 'failing' });
    await until(
      async () =>
        (await client.call.status({})).sensors.some(
          ({ sensor, state }) => sensor === 'load' && state === 'ok',
        ),
      'the default sensors',
    );
    client.close();
  });

  it('goes on with a new run number when its journal was destroyed', async () => {
    const first = await prefix.run();
    first.process.kill('SIGTERM');
    await first.ended;
    writeFileSync(
      join(prefix.state, 'journal.db'),
      'this is no database, it is a sentence of some length'.repeat(50),
    );
    const second = await prefix.run();
    expect(second.said()).toContain('put aside');
    const client = await prefix.connect();
    const { runs } = await client.call.runs({ from: 1 });
    expect(runs.map(({ run }) => run)).toEqual([2]);
    client.close();
  });
});

describe.skipIf(!need('qemu-arm64'))('the daemon on arm64', () => {
  it('starts, samples and serves under the arm64 Node', { timeout: 600_000 }, async () => {
    const runtime = await nodeRuntime({ arch: 'arm64', cacheDir: RUNTIME_CACHE });
    const node = join(mkdtempSync(join(tmpdir(), 'muster-arm64-')), 'node');
    writeFileSync(node, gunzipSync(readFileSync(runtime.path)), { mode: 0o755 });
    const program = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', node];
    const prefix = new TestPrefix();
    try {
      // qemu runs one program: what it would start by itself is of the wrong architecture
      prefix.config(`${CONFIG}\nhosts: { mode: inline }\n`);
      const [command = '', ...before] = program;
      const version = execFileSync(command, [...before, await daemonBundle(), 'version'], {
        encoding: 'utf8',
      });
      expect(JSON.parse(version)).toMatchObject({ version: VERSION, arch: 'arm64' });
      const daemon = await prefix.run(program);
      const client = await prefix.connect();
      const { batches } = await client.call.pull({ after: null, maxBytes: 1_000_000, waitMs: 30_000 });
      expect(batches[0]).toMatchObject({ run: 1, batch: 1 });
      expect(unpack(batches[0]?.data ?? new Uint8Array()).value.length).toBeGreaterThan(0);
      client.close();
      daemon.process.kill('SIGTERM');
      expect(await daemon.ended).toBe(0);
    } finally {
      await prefix.remove();
      rmSync(join(node, '..'), { recursive: true });
    }
  });
});
