/**
 * The disk of the lab's device: Debian bookworm for x64 as a person would set it up, made once and kept.
 * Owns: what is in it. Refuses: to change one that is there; another recipe is another file. Called by vm.ts.
 *
 * User pi has a password and needs it for sudo, as on a board that somebody hardened. Root lets the lab in by a key of its
 * own, so that looking leaves no trace where Muster is installed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { usualPlaces } from '../../src/core/places.ts';

/** What boots. */
export interface VmImage {
  /** Raw ext4 without a partition table; never written to, each machine has its own layer. */
  disk: string;
  kernel: string;
  initrd: string;
  /** Private key that root lets in. */
  key: string;
}

export const USER = { name: 'pi', password: 'raspberry & sons' } as const;

/** Program → Debian package. */
const NEEDED: Record<string, string> = {
  'qemu-system-x86_64': 'qemu-system-x86 seabios ipxe-qemu',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
};

const PACKAGES = [
  'systemd-sysv',
  'udev',
  'dbus',
  'linux-image-amd64',
  'initramfs-tools',
  'kmod',
  'zstd',
  'openssh-server',
  'sudo',
  'iproute2',
  'systemd-timesyncd',
  'avahi-daemon',
  'libnss-mdns',
  'i2c-tools',
];

/** Run by mmdebstrap with the new root's path as $1. */
const SET_UP = [
  'echo labpi >"$1/etc/hostname"; printf "127.0.0.1 localhost labpi\\n" >"$1/etc/hosts"',
  'printf "[Match]\\nName=en*\\n[Network]\\nDHCP=ipv4\\n" >"$1/etc/systemd/network/lan.network"',
  'chroot "$1" systemctl enable systemd-networkd',
  `chroot "$1" useradd --create-home --shell /bin/bash --groups sudo ${USER.name}`,
  `echo "${USER.name}:${USER.password}" | chroot "$1" chpasswd`,
  'mkdir -m 700 "$1/root/.ssh"; cp "$LAB_KEY.pub" "$1/root/.ssh/authorized_keys"',
  // another each time it boots would make each layer another device
  'chroot "$1" systemd-machine-id-setup',
];

/** Programs that are missing, with the packages that bring them; empty when the lab can run. */
export function missingForVm(): string[] {
  const lacks = Object.entries(NEEDED).filter(
    ([program]) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status !== 0,
  );
  const missing = lacks.map(([program, install]) => `${program} (install: ${install})`);
  // a root of another owner than root needs to be one
  if (process.getuid?.() !== 0) missing.push('root, for mmdebstrap');
  return missing;
}

/** Gives the image, made first where there is none yet: some minutes and 1 GB. */
export function vmImage(log: (line: string) => void): VmImage {
  const recipe = createHash('sha256')
    .update(JSON.stringify([PACKAGES, SET_UP]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(usualPlaces(null).cache, 'lab', `bookworm-x64-${recipe}`);
  if (!existsSync(folder)) make(folder, log);
  const [disk, kernel, initrd, key] = ['disk.img', 'vmlinuz', 'initrd.img', 'key'].map((name) =>
    join(folder, name),
  );
  return { disk, kernel, initrd, key } as VmImage;
}

function make(folder: string, log: (line: string) => void): void {
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const at = (name: string): string => join(fresh, name);
  log(`making the image of a Debian device in ${folder}, once`);
  const env = { ...process.env, LAB_KEY: at('key'), PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const run = (program: string, args: string[]): void => {
    const ran = spawnSync(program, args, { env, encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`${program}: ${ran.error?.message ?? ran.stderr.slice(-2000)}`);
  };
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', at('key')]);
  const hooks = SET_UP.map((line) => `--customize-hook=${line}`);
  const include = `--include=${PACKAGES.join(',')}`;
  run('mmdebstrap', [
    '--variant=minbase',
    '--mode=root',
    '--architectures=amd64',
    include,
    ...hooks,
    'bookworm',
    at('root'),
  ]);
  for (const name of ['vmlinuz', 'initrd.img']) {
    const [found] = globSync(join(at('root'), 'boot', `${name}-*`));
    if (!found) throw new Error(`the image has no ${name}`);
    execFileSync('cp', [found, at(name)]);
  }
  // filled from the folder: no loop device, no mount
  run('mke2fs', ['-q', '-t', 'ext4', '-d', at('root'), '-L', 'root', at('disk.img'), '3G']);
  rmSync(at('root'), { recursive: true });
  log(
    `the image takes ${Math.round((statSync(at('disk.img')).blocks * 512) / 1e6)} MB, its key is ${readFileSync(at('key.pub'), 'utf8').trim()}`,
  );
  renameSync(fresh, folder);
}
