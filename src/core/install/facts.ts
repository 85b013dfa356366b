/** Makes facts of what the probe printed, and refuses in words what Muster cannot be installed on. Pure. */
import type { Facts } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { prefixOf } from './layout.ts';
import type { RuntimeArch } from './runtime-pin.ts';

/** The contract's facts and what the installer needs besides. */
export interface DeviceFacts extends Facts {
  arch: RuntimeArch;
  prefix: string;
  home: string;
  serial: string;
  /** Folder of the login user where uploads wait. */
  stage: string;
  stageFreeBytes: number;
  /** True when `stage` and the target share one file system, so that both need room in it. */
  oneFileSystem: boolean;
  /** Port of the SSH server as the device sees it. */
  sshPort: number;
  installedSha256: string | null;
  installedRuntime: string | null;
  /** False for an installation of before there was firmware: no boot guard, slots without a runtime. */
  bootsSlots: boolean;
  /** True when our signing key is known not to be trusted there. */
  signerMissing: boolean;
  /** Id of an earlier installation. */
  identity: string | null;
  /** True when a daemon listens on the socket and lets this user in. */
  answers: boolean;
  /** True when our key is let in already. */
  keyKnown: boolean;
}

/** What is read of one value: the wire is not trusted with more. */
const MAX_VALUE = 300;
/** Node 24's own minimum on Linux (its BUILDING.md). */
const MIN_GLIBC = [2, 28] as const;

/** Parses `name=value` lines; others, such as a login banner, are passed over. Throws SYSTEM_UNSUPPORTED without any. */
export function parseProbe(output: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [, name, value] = /^([a-z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value.trim().slice(0, MAX_VALUE));
  }
  if (values.get('probe') !== '1' || values.get('end') !== '1')
    throw new MusterError('SYSTEM_UNSUPPORTED', 'the device did not answer the probe as a POSIX shell does', {
      answer: output.slice(0, 200),
    });
  return values;
}

/** Throws ARCH_UNSUPPORTED {found}, SYSTEM_UNSUPPORTED {reason}. */
export function factsOf(values: ReadonlyMap<string, string>): DeviceFacts {
  const get = (name: string) => values.get(name) ?? '';
  const orNull = (name: string) => values.get(name) || null;
  checkSystem(get);
  const privileged = get('privileged') as Facts['privileged'];
  const prefix = prefixOf({ environment: get('env_prefix'), privileged, home: get('home') });
  const [targetFree, targetMount] = freeSpace(get('free_target'));
  const [stageFree, stageMount] = freeSpace(get('free_stage'));
  return {
    hostname: get('hostname') || 'device',
    model: get('model') || 'Linux machine',
    system: get('system') || `Linux ${get('kernel')}`,
    arch: archOf(get),
    kernel: get('kernel'),
    user: get('user'),
    // A device with a prefix of its own is a guest on its machine: the machine's service manager is not its.
    init: get('systemd') === 'yes' && prefix === '' ? 'systemd' : 'script',
    privileged,
    freeBytes: targetFree,
    installedVersion: orNull('installed_version'),
    avahi: get('avahi') === 'yes',
    i2c: get('i2c') === 'yes',
    prefix,
    home: get('home'),
    serial: get('serial'),
    stage: get('stage'),
    stageFreeBytes: stageFree,
    oneFileSystem: targetMount === stageMount,
    sshPort: Number(get('ssh_connection').split(' ')[3]) || 22,
    installedSha256: orNull('installed_sha256'),
    installedRuntime: orNull('installed_runtime'),
    bootsSlots: get('slots') === 'yes',
    signerMissing: get('signer_missing') === 'yes',
    identity: orNull('identity'),
    answers: get('answers') === 'yes',
    keyKnown: get('key_known') === 'yes',
  };
}

/**
 * Node's name of the architecture programs on the device have. `uname -m` names the kernel: a 64-bit kernel under
 * a 32-bit system cannot run our runtime, whatever it says.
 */
function archOf(get: (name: string) => string): RuntimeArch {
  const machine = get('machine');
  const [elfClass] = get('elf').split(' ');
  const dpkg = get('dpkg_arch');
  const is32 = get('long_bit') === '32' || elfClass === '1' || ['armhf', 'armel', 'i386'].includes(dpkg);
  const arch = { aarch64: 'arm64', arm64: 'arm64', x86_64: 'x64', amd64: 'x64' }[machine] as
    | RuntimeArch
    | undefined;
  if (arch && !is32) return arch;
  const found = arch ? `${dpkg || '32-bit'} system on a ${machine} kernel` : machine || 'unknown';
  throw new MusterError('ARCH_UNSUPPORTED', `no runtime is carried for ${found}`, { found });
}

function checkSystem(get: (name: string) => string): void {
  const refuse = (reason: string) => new MusterError('SYSTEM_UNSUPPORTED', reason, { reason });
  if (get('kernel_name') !== 'Linux') throw refuse(`this is ${get('kernel_name') || 'no'} system, not Linux`);
  // The architecture is the plainer reason, where both are wrong.
  archOf(get);
  if (get('glibc') !== 'yes')
    throw refuse('the system has no GNU C library (musl systems are not supported)');
  const [, major, minor] = /glibc (\d+)\.(\d+)/.exec(get('glibc_version')) ?? [];
  if (
    major &&
    (Number(major) < MIN_GLIBC[0] || (Number(major) === MIN_GLIBC[0] && Number(minor) < MIN_GLIBC[1]))
  )
    throw refuse(`the GNU C library ${major}.${minor} is older than ${MIN_GLIBC.join('.')}`);
  if (get('missing')) throw refuse(`the system lacks ${get('missing').split(' ').join(', ')}`);
}

/** `<KiB> <mount point>` of df. A file system that tells nothing is taken for full of room: the write will tell. */
function freeSpace(text: string): [number, string] {
  const [, kib, mount] = /^(\d+) (.*)$/.exec(text) ?? [];
  return kib === undefined ? [Number.MAX_SAFE_INTEGER, ''] : [Number(kib) * 1024, mount ?? ''];
}
