/**
 * The Node runtime for devices, gzipped in the laptop's cache.
 * Owns: fetching it once (npm pack, integrity checked), proving it by hash, keeping it. A device never needs the
 * internet for it. Refuses: any binary whose hash is not pinned. Called by: install.ts, and tests on other boards.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { MusterError } from '../../shared/errors.ts';
import { noLog, type Log } from '../../shared/log.ts';
import { hashFile } from '../ssh/upload-source.ts';
import { findNpm } from './npm-program.ts';
import { RUNTIME_PINS, RUNTIME_VERSION, type RuntimeArch } from './runtime-pin.ts';
import { tarEntry } from './tar-entry.ts';

/** A runtime ready to be sent. */
export interface RuntimeFile {
  arch: RuntimeArch;
  version: string;
  /** The gzipped binary on this laptop. */
  path: string;
  /** Of the gzipped file: its bytes, and its SHA-256 in hex. */
  bytes: number;
  sha256: string;
  /** Of the binary inside. */
  unpackedBytes: number;
  unpackedSha256: string;
}

export interface RuntimeOptions {
  arch: RuntimeArch;
  /** Folder of the cache, made if missing. */
  cacheDir: string;
  signal?: AbortSignal | undefined;
  log?: Log | undefined;
  /** Node binaries of this machine that may be the pinned one; then nothing is fetched. Default: our own. */
  local?: string[] | undefined;
  /** Program and arguments that run npm, null for none. Default: found. */
  npm?: [string, ...string[]] | null | undefined;
}

const FETCH_TIMEOUT_MS = 10 * 60_000;

interface Shared {
  file: Promise<RuntimeFile>;
  stop: AbortController;
  waiting: number;
}
/** Fetches under way in this process, by file: two devices installed at once wait for one download. */
const underWay = new Map<string, Shared>();

/** The runtime for `arch`, from the cache or fetched now. Throws RUNTIME_UNAVAILABLE {arch, reason}, CANCELLED. */
export async function nodeRuntime(options: RuntimeOptions): Promise<RuntimeFile> {
  const { arch, cacheDir, signal } = options;
  const key = join(cacheDir, arch);
  let shared = underWay.get(key);
  if (!shared) {
    const stop = new AbortController();
    shared = { file: provide(options, stop.signal), stop, waiting: 0 };
    underWay.set(key, shared);
  }
  shared.waiting++;
  try {
    return await unlessAborted(shared.file, signal);
  } finally {
    // Forgotten before it is stopped: who comes now must not join a fetch that is being cancelled.
    if (--shared.waiting === 0) {
      underWay.delete(key);
      shared.stop.abort();
    }
  }
}

/** The cached runtime as far as a glance tells (its bytes are not hashed), null when it would be fetched. */
export async function cachedRuntime({ arch, cacheDir }: RuntimeOptions): Promise<RuntimeFile | null> {
  const pattern = cacheName(arch, '([0-9a-f]{64})').replaceAll('.', '\\.');
  const names = await readdir(cacheDir).catch(() => []);
  for (const name of names) {
    const sha256 = new RegExp(`^${pattern}$`).exec(name)?.[1];
    if (!sha256) continue;
    const path = join(cacheDir, name);
    const { size } = await stat(path);
    const { bytes: unpackedBytes, sha256: unpackedSha256 } = RUNTIME_PINS[arch];
    return { arch, version: RUNTIME_VERSION, path, bytes: size, sha256, unpackedBytes, unpackedSha256 };
  }
  return null;
}

/** The name holds the hash of the file: one rename puts both in place, and a damaged file betrays itself. */
function cacheName(arch: RuntimeArch, sha256: string): string {
  return `node-${RUNTIME_VERSION}-linux-${arch}-${sha256}.gz`;
}

async function provide(options: RuntimeOptions, signal: AbortSignal): Promise<RuntimeFile> {
  const { arch, cacheDir, log = noLog } = options;
  const cached = await cachedRuntime(options);
  if (cached) {
    if ((await hashFile(cached.path)) === cached.sha256) return cached;
    log('warn', 'the cached runtime is damaged and fetched anew', { path: cached.path });
    await rm(cached.path, { force: true });
  }
  await mkdir(cacheDir, { recursive: true });
  for (const path of options.local ?? [process.execPath]) {
    if ((await stat(path).catch(() => null))?.size !== RUNTIME_PINS[arch].bytes) continue;
    if ((await hashFile(path)) === RUNTIME_PINS[arch].sha256)
      return keep(createReadStream(path), options, signal);
  }
  return fetchPackage(options, signal);
}

async function fetchPackage(options: RuntimeOptions, signal: AbortSignal): Promise<RuntimeFile> {
  const { arch, log = noLog } = options;
  const pin = RUNTIME_PINS[arch];
  const npm = options.npm === undefined ? findNpm(process.execPath, process.env['PATH'] ?? '') : options.npm;
  if (!npm) throw unavailable(arch, 'npm was not found on this laptop');
  const dir = await mkdtemp(join(tmpdir(), 'muster-runtime-'));
  try {
    const [program, ...leading] = npm;
    const args = [...leading, 'pack', `${pin.package}@${RUNTIME_VERSION}`];
    args.push('--pack-destination', dir, '--ignore-scripts', '--silent');
    log('info', 'fetching the runtime', { package: pin.package, version: RUNTIME_VERSION });
    try {
      await promisify(execFile)(program, args, {
        cwd: dir,
        signal,
        timeout: FETCH_TIMEOUT_MS,
        // Electron's binary is a Node too when told so; plain Node does not mind.
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
    } catch (thrown) {
      if (signal.aborted) throw new MusterError('CANCELLED', 'cancelled');
      const { stderr, message } = thrown as { stderr?: string; message: string };
      throw unavailable(arch, `npm: ${(stderr?.trim() || message).slice(0, 300)}`, thrown);
    }
    const tarball = join(dir, `${pin.package}-${RUNTIME_VERSION}.tgz`);
    const bytes = await readFile(tarball).catch(() => null);
    if (!bytes) throw unavailable(arch, 'npm made no package');
    if (`sha512-${createHash('sha512').update(bytes).digest('base64')}` !== pin.integrity)
      throw unavailable(arch, 'the package that came is not the pinned one');
    const unpacked = createReadStream(tarball).pipe(createGunzip());
    return await keep(tarEntry(unpacked, 'package/bin/node'), options, signal);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Gzips the binary into the cache, atomically, once its hash proved right. */
async function keep(
  binary: AsyncIterable<Uint8Array>,
  { arch, cacheDir }: RuntimeOptions,
  signal: AbortSignal,
): Promise<RuntimeFile> {
  const dir = await mkdtemp(join(cacheDir, '.making-'));
  const temp = join(dir, 'node.gz');
  const hash = createHash('sha256');
  async function* hashed() {
    for await (const chunk of binary) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(hashed, createGzip({ level: 6 }), createWriteStream(temp), { signal });
    if (hash.digest('hex') !== RUNTIME_PINS[arch].sha256)
      throw unavailable(arch, 'the binary in the package is not the pinned one');
    const file = await open(temp, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, join(cacheDir, cacheName(arch, await hashFile(temp))));
  } catch (thrown) {
    if (signal.aborted) throw new MusterError('CANCELLED', 'cancelled');
    if (thrown instanceof MusterError) throw thrown;
    const reason = `the cache ${cacheDir} cannot be written: ${(thrown as Error).message}`;
    throw unavailable(arch, reason, thrown);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const made = await cachedRuntime({ arch, cacheDir });
  if (!made) throw unavailable(arch, `the cache ${cacheDir} was emptied meanwhile`);
  return made;
}

function unavailable(arch: RuntimeArch, reason: string, cause?: unknown): MusterError {
  return new MusterError(
    'RUNTIME_UNAVAILABLE',
    `no Node runtime for ${arch} yet, connect this laptop to the internet once: ${reason}`,
    { arch, reason },
    cause,
  );
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new MusterError('CANCELLED', 'cancelled'));
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => {});
  }
}
