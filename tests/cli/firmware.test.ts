/** A team's firmware from nothing to a signed file, and its key to a colleague, as they type it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackedBlob } from '../../src/core/firmware/bundle-content.ts';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { TestPrefix } from '../support/daemon-process.ts';
import { sensorState } from '../support/faulty-process.ts';
import { newHome, runMuster } from '../support/run-muster.ts';
import { until } from '../support/until.ts';

const ada = newHome();
const bob = newHome();
const project = join(ada.folder, 'green-house');
const file = join(ada.folder, 'station.mfw');

interface Inspected {
  product: string;
  version: string;
  identity: string;
  architectures: string[];
  signatures: { name: string; good: boolean | null }[];
  warnings: string[];
}

async function json<T>(args: string[], home = ada, input = ''): Promise<T> {
  const { code, stdout, stderr } = await runMuster([...args, '--json'], home.env, input);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

const build = ['firmware', 'build', project, '--without-runtime', '--out', file];

beforeAll(async () => {
  await json(['new', project]);
}, 120_000);
afterAll(() => {
  ada.remove();
  bob.remove();
});

describe('a new project', () => {
  it('passes its own tests', async () => {
    const { code, stdout } = await runMuster(['firmware', 'test', project], ada.env);
    expect(stdout).toContain('makes no value of a reading with a flipped bit');
    expect(code).toBe(0);
  }, 60_000);

  it('builds into a signed bundle that carries configuration and driver, twice the same bytes', async () => {
    const built = await json<Inspected>(build);
    expect(built).toMatchObject({
      product: 'green-house',
      version: '0.1.0',
      architectures: ['arm64', 'x64'],
      runtime: { carried: false },
      signatures: [{ good: true }],
    });
    const first = readFileSync(file);
    expect(first.includes('"config.yaml"') && first.includes('"drivers/soil-probe.mjs"')).toBe(true);
    await json(build);
    expect(readFileSync(file).equals(first)).toBe(true);
    expect(await json(['firmware', 'inspect', file])).toMatchObject({ identity: built.identity });
    const { code, stdout } = await runMuster(['firmware', 'verify', file], ada.env);
    expect(stdout).toMatch(/green-house 0\.1\.0 is whole/);
    expect(code).toBe(0);
  }, 60_000);

  it('runs in the daemon that it carries: configuration and driver are its own', async () => {
    const slot = join(ada.folder, 'slot');
    const bundle = await openBundle(file);
    const addons = bundle.manifest.files.filter(({ path }) => path === 'addons/i2c.node');
    expect(addons.map(({ arch }) => arch)).toEqual(['arm64', 'x64']);
    for (const { path, blob } of bundle.manifest.files) {
      mkdirSync(join(slot, path, '..'), { recursive: true });
      writeFileSync(join(slot, path), await buffer(Readable.from(unpackedBlob(bundle, blob))));
    }
    await bundle.close();
    const prefix = new TestPrefix({}, () => Promise.resolve(join(slot, 'muster-daemon.mjs')));
    try {
      prefix.config('version: 1\nname: Cellar\nsensors: []\n');
      await prefix.run();
      const client = await prefix.connect();
      // the bus of the template has no chip on it, which only the driver itself can tell
      await until(
        async () =>
          (await sensorState(client, 'bed'))?.lastError?.includes('nothing answers at 0x36') ?? false,
        'the words of the driver',
        60_000,
      );
      expect((await client.call.status({})).sensors.map(({ sensor }) => sensor)).toEqual([
        'bed',
        'processor',
      ]);
    } finally {
      await prefix.remove();
    }
  }, 90_000);

  it('is not made over what is there', async () => {
    const { code, stderr } = await runMuster(['new', project], ada.env);
    expect(stderr).toContain('it is not empty');
    expect(code).toBe(2);
  }, 60_000);

  it.each([
    ['config.yaml', 'version: 1\nsensors: 5\n', 'CONFIG_INVALID', 'sensors'],
    ['drivers/soil-probe.ts', 'export default {', 'DRIVER_BROKEN', 'soil-probe'],
    ['drivers/soil-probe.ts', "export default { id: 'other' };", 'DRIVER_BROKEN', 'title'],
    ['firmware.yaml', 'product: "Über uns"\nversion: 1.0.0\n', 'BAD_INPUT', 'product'],
  ])(
    'is refused in words when %s is not right',
    async (path, text, code, words) => {
      const at = join(project, path);
      const before = readFileSync(at);
      const built = readFileSync(file);
      writeFileSync(at, text);
      const ran = await runMuster([...build, '--json'], ada.env);
      writeFileSync(at, before);
      const { error } = JSON.parse(ran.stdout) as { error: { code: string; message: string } };
      expect(error.code).toBe(code);
      expect(error.message).toContain(words);
      expect(readFileSync(file).equals(built)).toBe(true);
    },
    60_000,
  );
});

describe('a signing key', () => {
  it('goes to a colleague in a file and by words, and no further', async () => {
    const closed = join(ada.folder, 'key.json');
    const { words, key } = await json<{ words: string; key: string }>([
      'firmware',
      'export-key',
      '--out',
      closed,
    ]);
    const wrong = await runMuster(['firmware', 'import-key', closed], bob.env, 'not these words\n');
    expect(wrong.stderr).toContain('SIGNING_KEY_LOCKED');
    expect(wrong.code).toBe(1);
    const unknown = await runMuster(['firmware', 'verify', file], bob.env);
    expect(unknown.stderr).toContain('FIRMWARE_UNTRUSTED');
    expect(await json(['firmware', 'import-key', closed], bob, `${words}\n`)).toMatchObject({
      id: key,
      own: true,
    });
    expect((await runMuster(['firmware', 'verify', file], bob.env)).code).toBe(0);
    const { keys } = await json<{ keys: { id: string; own: boolean }[] }>(['firmware', 'keys'], bob);
    expect(keys).toMatchObject([{ id: key, own: true }]);
  }, 60_000);

  it('lets a colleague know the public half only', async () => {
    const open = join(ada.folder, 'public.json');
    await json(['firmware', 'export-key', '--public', '--out', open]);
    const carol = join(bob.folder, 'carol');
    mkdirSync(carol);
    const env = { ...bob.env, XDG_CONFIG_HOME: carol };
    expect((await runMuster(['firmware', 'import-key', open], env)).code).toBe(0);
    expect((await runMuster(['firmware', 'verify', file], env)).code).toBe(0);
    expect((await runMuster(['firmware', 'sign', file], env)).stderr).toContain('SIGNING_KEY_UNKNOWN');
    expect(readdirSync(join(carol, 'muster/signing')).every((name) => name.endsWith('.pub'))).toBe(true);
    rmSync(carol, { recursive: true });
  }, 60_000);
});
