/**
 * How fast firmware reaches devices: real daemons with slots, Debian's OpenSSH server on loopback, the engine's own
 * target; beside it OpenSSH's `scp` of the same bytes to the same server before and after, as many at a time.
 * `--devices N`: 1, 5, 20; 8 at a time, as a campaign does. A full bundle (daemon and runtime, as `muster firmware build`
 * makes it), then one of which only the daemon differs. Nothing is installed: that is the device's time, not the line's.
 * Times: `line` until every byte but those that a device answers after unpacking has been taken, `verified` until all
 * devices have unpacked and checked all. The laptop and all devices share this machine's processors. One JSON line.
 */
import { execFile } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundleDaemon } from '../../src/build/daemon.ts';
import { buildFirmware } from '../../src/core/firmware/build-firmware.ts';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { deviceTarget } from '../../src/core/firmware/device-target.ts';
import { signManifest } from '../../src/core/firmware/signature.ts';
import { usualPlaces } from '../../src/core/places.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { connectSsh, type SshConnection } from '../../src/core/ssh/connection.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { noLog } from '../../src/shared/log.ts';
import { firmwareFile } from '../support/firmware-file.ts';
import { testKey } from '../support/firmware.ts';
import { SlottedDevice } from '../support/slotted-device.ts';
import { startSshd } from '../support/sshd.ts';

const AT_ONCE = 8;
/** Bytes whose answers wait for the unpacking of a blob: the last write of each of two blobs. */
const UNPACKED = 2 * 1024 * 1024;

const { values } = parseArgs({ options: { devices: { type: 'string', default: '1' } } });
const count = Number(values.devices);
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
const key = testKey();
const devices: SlottedDevice[] = [];
const sshd = await startSshd();

async function pool<T>(items: readonly T[], work: (item: T, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) await work(items[at]!, at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function bundle(name: string, daemon: Awaited<ReturnType<typeof bundleDaemon>>): Promise<{ path: string }> {
  return buildFirmware({
    dir: null,
    architectures: [arch],
    withRuntime: true,
    out: join(folder, name),
    programs: { daemon, assets: new URL('../../assets', import.meta.url).pathname },
    places: usualPlaces(null),
    sign: (manifest) => Promise.resolve([signManifest(manifest, key.pair)]),
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
}

/** Copies `bytes` of a file to the server once for each device; seconds. */
async function scp(path: string, bytes: number): Promise<number> {
  const piece = join(folder, 'piece');
  copyFileSync(path, piece);
  truncateSync(piece, bytes);
  const from = performance.now();
  await pool(devices, async (_, at) => {
    const options = '-q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'.split(' ');
    const to = `${sshd.user}@127.0.0.1:${join(folder, `copy-${at}`)}`;
    const where = ['-P', String(sshd.port), '-i', sshd.keyPath];
    await promisify(execFile)('scp', options.concat(where, piece, to));
  });
  const seconds = (performance.now() - from) / 1000;
  for (const at of devices.keys()) rmSync(join(folder, `copy-${at}`));
  return seconds;
}

/** Pushes to all devices up to the order to install. */
async function push(path: string) {
  const read = await openBundle(path);
  const file = firmwareFile({ path, identity: read.manifestHash });
  await read.close();
  let bytes = 0;
  let line = 0;
  const cpu = process.cpuUsage();
  const from = performance.now();
  const seconds = () => (performance.now() - from) / 1000;
  await pool(devices, async (device) => {
    const connections: SshConnection[] = [];
    const { device: who } = await device.ask((client) =>
      client.call.hello({ protocol: 1, client: 'bench', clientVersion: '0' }),
    );
    const open = async () => {
      const login = { user: sshd.user, keyPath: sshd.keyPath };
      const connection = await connectSsh({ host: '127.0.0.1', port: sshd.port, login, verify: () => null });
      connections.push(connection);
      return connection.pipe(join(device.path, 'run/muster/muster.sock'), 'false');
    };
    const target = deviceTarget({ device: who.id, open, file, clock: realClock, log: noLog });
    const { signal } = new AbortController();
    await target.check(signal);
    let lined = false;
    let whole = 0;
    const sending = target.send({
      signal,
      onProgress({ sent = 0, total = 0 }) {
        whole = total;
        if (lined || sent < total - UNPACKED) return;
        lined = true;
        line = Math.max(line, seconds());
      },
      committing: () => Promise.reject(new MusterError('CANCELLED', 'enough')),
    });
    const end = await sending.then(
      () => null,
      (thrown: MusterError) => thrown.code,
    );
    if (end !== 'CANCELLED') throw new Error(`a push ended with ${end}`);
    bytes += whole;
    target.close();
    for (const connection of connections) connection.close();
  });
  const { user, system } = process.cpuUsage(cpu);
  return { bytes: bytes / count, line, verified: seconds(), laptopCpu: (user + system) / 1e6 };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

/** Packed sizes of a bundle's blobs, the smallest first: the daemon, the runtime. */
async function packedSizes(path: string): Promise<number[]> {
  const read = await openBundle(path);
  await read.close();
  return read.manifest.blobs.map(({ packed }) => packed).toSorted((a, b) => a - b);
}

/** A push of `expected` bytes a device, between two rounds of `scp` of as many. */
async function race(path: string, expected: number) {
  const before = await scp(path, expected);
  const { bytes, line, verified, laptopCpu } = await push(path);
  if (bytes !== expected) throw new Error(`${bytes} bytes were sent, not ${expected}`);
  const after = await scp(path, expected);
  const peer = (before + after) / 2;
  return {
    bytes,
    line_s: round(line),
    verified_s: round(verified),
    scp_s: [round(before), round(after)],
    line_ratio: round(line / peer),
    verified_ratio: round(verified / peer),
    laptop_cpu_s: round(laptopCpu),
  };
}

try {
  const daemon = await bundleDaemon(join(folder, 'daemon'));
  const full = await bundle('full.mfw', daemon);
  appendFileSync(daemon.path, `\n// another build\n`);
  const code = await bundle('code.mfw', daemon);
  for (let i = 0; i < count; i++) {
    const device = await SlottedDevice.lasting();
    devices.push(device);
    device.trust(key.publicKey);
    device.start();
    await device.measures();
  }
  const load = round(loadavg()[0]!);
  const whole = await race(
    full.path,
    (await packedSizes(full.path)).reduce((sum, packed) => sum + packed, 0),
  );
  const changed = await race(code.path, (await packedSizes(code.path))[0]!);
  console.log(
    JSON.stringify({
      devices: count,
      cores: availableParallelism(),
      load,
      bundle_bytes: statSync(full.path).size,
      full: whole,
      code_only: { ...changed, share: round(changed.bytes / whole.bytes) },
    }),
  );
} finally {
  for (const device of devices) await device.remove();
  await sshd.stop();
  rmSync(folder, { recursive: true, force: true });
}
