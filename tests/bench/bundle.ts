/**
 * Measures bundles: sizes, build time, the hash that must be the same each time, what unpacking takes on a device.
 * `node tests/bench/bundle.ts [--arch arm64] [--peers]`; prints one line of JSON. The first build packs the runtime anew.
 * --peers: `xz -9` and `gzip -9` of the same files in the same run; a minute or two more.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { ensureBuilt, ROOT } from '../../src/build/build.ts';
import { buildFirmware } from '../../src/core/firmware/build-firmware.ts';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { nodeRuntime } from '../../src/core/install/runtime.ts';
import { usualPlaces } from '../../src/core/places.ts';
import { findPrograms } from '../../src/core/programs.ts';
import { RUNTIME_PATH } from '../../src/shared/firmware.ts';

const { values } = parseArgs({
  options: { arch: { type: 'string', default: 'arm64' }, peers: { type: 'boolean', default: false } },
});
const arch = values.arch === 'x64' ? 'x64' : 'arm64';

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
try {
  await ensureBuilt('daemon');
  const built = findPrograms(ROOT).daemon;
  // its own copy: the checkout may be built anew meanwhile
  const programs = {
    assets: join(ROOT, 'assets'),
    daemon: { ...built, path: join(folder, 'muster-daemon.mjs') },
  };
  execFileSync('cp', [built.path, programs.daemon.path]);
  const runtime = await nodeRuntime({ arch, cacheDir: usualPlaces(null).cache });
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  // the gzipped runtime is fetched before, the packed one is not there yet
  execFileSync('cp', [runtime.path, cache]);

  async function build(name: string, withRuntime: boolean) {
    const from = performance.now();
    const cpuFrom = process.cpuUsage();
    const { path } = await buildFirmware({
      dir: null,
      architectures: [arch],
      withRuntime,
      out: join(folder, name),
      programs,
      places: { cache },
      sign: () => Promise.resolve([]),
    });
    const cpu = process.cpuUsage(cpuFrom);
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return {
      path,
      bytes: statSync(path).size,
      sha256,
      wallS: seconds((performance.now() - from) / 1000),
      cpuS: seconds((cpu.user + cpu.system) / 1e6),
    };
  }

  const first = await build('first.mfw', true);
  const memoryMB = Math.round(process.resourceUsage().maxRSS / 1024);
  const again = await build('again.mfw', true);
  const small = await build('small.mfw', false);

  const bundle = await openBundle(first.path);
  const file = bundle.manifest.files.find(({ path }) => path === RUNTIME_PATH);
  const blob = bundle.blob(file?.blob ?? '');
  await bundle.close();
  process.stdout.write(
    `${JSON.stringify({
      bench: 'bundle',
      arch,
      node: runtime.version,
      zstd: process.versions.zstd,
      rawBytes: { runtime: blob.bytes, daemon: statSync(programs.daemon.path).size },
      runtimePackedBytes: blob.packed,
      bundleBytes: { withRuntime: first.bytes, without: small.bytes },
      sha256: first.sha256,
      reproducible: first.sha256 === again.sha256,
      firstBuild: { wallS: first.wallS, cpuS: first.cpuS, memoryMB },
      laterBuild: { wallS: again.wallS, cpuS: again.cpuS },
      withoutRuntime: { wallS: small.wallS, cpuS: small.cpuS },
      unpack: unpack(first.path),
      ...(values.peers && { peers: await peers() }),
    })}\n`,
  );

  /** Unpacks and hashes every blob in a process of its own, as a device does; and what a Node that does nothing takes. */
  function unpack(path: string) {
    const measured = (script: string): { ms: number; rssMB: number; cpuS: number } => {
      const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
        encoding: 'utf8',
      });
      return JSON.parse(ran.stdout) as { ms: number; rssMB: number; cpuS: number };
    };
    const told = `
      const { user, system } = process.cpuUsage();
      console.log(JSON.stringify({ ms: Math.round(performance.now() - from), cpuS: (user + system) / 1e6,
        rssMB: Math.round(Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024) }));`;
    const imports = ['bundle-file', 'bundle-content'].map((name) =>
      join(ROOT, `src/core/firmware/${name}.ts`),
    );
    // its own peak; a child's maxRSS begins with that of its parent
    const load = `const { readFileSync } = await import('node:fs');
      const [{ openBundle }, { checkContent }] = await Promise.all(${JSON.stringify(imports)}.map((at) => import(at)));
      const from = performance.now();`;
    const whole = measured(
      `${load} const bundle = await openBundle(${JSON.stringify(path)}); await checkContent(bundle); await bundle.close(); ${told}`,
    );
    return { ...whole, idleRssMB: measured(`${load} ${told}`).rssMB };
  }

  async function peers() {
    const node = join(folder, 'node');
    const tar = join(folder, 'files.tar');
    await pipeline(createReadStream(runtime.path), createGunzip(), createWriteStream(node));
    execFileSync('tar', ['-C', folder, '-cf', tar, 'node', 'muster-daemon.mjs']);
    return Object.fromEntries(
      [
        ['gzip', '-9'],
        ['xz', '-9'],
        ['zstd', '-19'],
      ].flatMap(([program = '', level = '']) => {
        if (!['/usr/bin', '/bin'].some((dir) => existsSync(join(dir, program)))) return [];
        const from = performance.now();
        const packed = join(folder, `files.${program}`);
        execFileSync('sh', ['-c', `${program} ${level} -c < "$1" > "$2"`, 'sh', tar, packed]);
        const wallS = seconds((performance.now() - from) / 1000);
        return [[`${program} ${level}`, { bytes: statSync(packed).size, wallS }]];
      }),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function seconds(value: number): number {
  return Math.round(value * 100) / 100;
}
