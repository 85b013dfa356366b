/** A device that runs Nerves: Erlang's real ssh daemon on loopback, see nerves-device.exs. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { elixirString } from '../../src/core/nerves/inspect-text.ts';
import { until } from './until.ts';

/** How an update ends; numbers are bytes of the file. */
export type Ending =
  | 'success'
  | 'precheck'
  | 'refuse'
  | 'false_zero'
  | 'disconnect'
  | 'silent_disconnect'
  | 'rollback'
  | 'never_up'
  | { zero_after: number }
  | { cut_after: number }
  | { hang_after: number };

export interface NervesDeviceOptions {
  ending?: Ending;
  /** UUID and version that it runs once an update is in force. */
  newUuid?: string;
  newVersion?: string;
  /** More of the key-value store; null takes a name away. */
  kv?: Record<string, string | null>;
  /** More files, path to content. */
  files?: Record<string, string>;
  /** Ms from its start until it confirms itself (or gives up), of being away, and from `Success!` to the restart. */
  validateAfter?: number;
  downFor?: number;
  rebootAfter?: number;
  /** No firmware_slots and no firmware_validation_status. */
  oldRuntime?: boolean;
  execDisabled?: boolean;
}

export interface NervesDevice {
  readonly port: number;
  readonly keyPath: string;
  readonly hostKeySha256: string;
  /** What it said it did, in order: `fwup`, `down`, `up b`, `whole BYTES SHA256` … */
  readonly events: readonly string[];
  /** Waits for an event that begins so, after the events seen by earlier calls or not. */
  event(begin: string): Promise<string>;
  setEnding(ending: Ending): void;
  stop(): Promise<void>;
}

export const OLD_UUID = '11111111-2222-5333-8444-555555555555';
export const PASSWORD = 'circuits';

/** Starts one: an `rpi4` with version 1.1.0 in slot a, confirmed, nothing in slot b. */
export async function startNervesDevice(options: NervesDeviceOptions = {}): Promise<NervesDevice> {
  const dir = mkdtempSync(join(tmpdir(), 'msn-'));
  for (const name of ['system', 'user']) mkdirSync(join(dir, name));
  const keyPath = join(dir, 'id');
  const hostKey = join(dir, 'system', 'ssh_host_ed25519_key');
  for (const path of [keyPath, hostKey])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
  writeFileSync(join(dir, 'user', 'authorized_keys'), readFileSync(`${keyPath}.pub`));
  const listing = execFileSync('ssh-keygen', ['-lf', `${hostKey}.pub`], { encoding: 'utf8' });

  const kv: Record<string, string | null> = {
    nerves_fw_active: 'a',
    nerves_fw_devpath: '/dev/rootdisk0',
    'a.nerves_fw_uuid': OLD_UUID,
    'a.nerves_fw_version': '1.1.0',
    'a.nerves_fw_product': 'weather',
    'a.nerves_fw_validated': '1',
    ...options.kv,
  };
  for (const slot of ['a', 'b']) {
    kv[`${slot}.nerves_fw_platform`] ??= 'rpi4';
    kv[`${slot}.nerves_fw_architecture`] ??= 'arm';
    kv[`${slot}.nerves_fw_product`] ??= 'weather';
  }
  const files = {
    'link:/dev/rootdisk0': 'mmcblk0',
    '/proc/self/mountinfo':
      '21 1 179:5 / / ro,relatime - squashfs /dev/root ro\n22 21 0:5 / /dev rw - devtmpfs x rw\n',
    '/sys/dev/block/179:5/partition': '5\n',
    '/sys/dev/block/179:5/start': '77324\n',
    '/sys/class/block/mmcblk0/size': '31116288\n',
    ...options.files,
  };
  const present = Object.fromEntries(Object.entries(kv).filter(([, value]) => value !== null));
  const settings = [
    `ending: ${endingTerm(options.ending ?? 'success')}`,
    `active: "a"`,
    `next: "a"`,
    `kv: ${mapTerm(present as Record<string, string>)}`,
    `files: ${mapTerm(files)}`,
    `serial: "10000000abcd1234"`,
    `password: "${PASSWORD}"`,
    `new_uuid: "${options.newUuid ?? ''}"`,
    `new_version: "${options.newVersion ?? '1.2.0'}"`,
    `validate_after: ${options.validateAfter ?? 200}`,
    `down_for: ${options.downFor ?? 200}`,
    `reboot_after: ${options.rebootAfter ?? 300}`,
    `uptime_before: 86400`,
    `old_runtime: ${options.oldRuntime ?? false}`,
    `exec_disabled: ${options.execDisabled ?? false}`,
  ];
  const script = new URL('nerves-device.exs', import.meta.url).pathname;
  const child = spawn('elixir', [script, dir, `[${settings.join(', ')}]`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, HOME: dir, LC_ALL: 'C.UTF-8', ERL_CRASH_DUMP_BYTES: '0' },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
  });
  const events: string[] = [];
  let port = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('port ')) port = Number(line.slice(5));
    if (line.startsWith('event ')) events.push(line.slice(6));
  });
  const stop = async () => {
    child.stdin.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(kill);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await until(() => port > 0 || child.exitCode !== null, 'the Nerves device', 60_000);
    if (port === 0) throw new Error(`elixir ended: ${complaints}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    keyPath,
    hostKeySha256: listing.split(' ')[1] ?? '',
    events,
    async event(begin) {
      await until(() => events.some((event) => event.startsWith(begin)), `"${begin}"`, 60_000);
      return events.find((event) => event.startsWith(begin))!;
    },
    setEnding: (ending) => void child.stdin.write(`set ending ${endingTerm(ending)}\n`),
    stop,
  };
}

function endingTerm(ending: Ending): string {
  if (typeof ending === 'string') return `:${ending}`;
  const [[name, bytes]] = Object.entries(ending) as [[string, number]];
  return `{:${name}, ${bytes}}`;
}

function mapTerm(values: Record<string, string>): string {
  return `%{${Object.entries(values)
    .map(([key, value]) => `${elixirString(key)} => ${elixirString(value)}`)
    .join(', ')}}`;
}
