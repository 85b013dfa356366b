/**
 * Disks of the lab's devices: Debian bookworm as a person would set it up, made once per recipe and kept.
 * Owns: how a disk is made, and what all of them have. Refuses: to change one that is there; another recipe is another
 * folder. Called by vm-image.ts and pi3-image.ts.
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
export interface Image {
  /** Raw ext4 without a partition table; never written to, each machine has its own layer or copy. */
  disk: string;
  kernel: string;
  initrd: string;
  /** Private key that root lets in. */
  key: string;
  /** Path of a further file of the recipe. */
  file: (name: string) => string;
}

export interface Recipe {
  /** Ours, and Debian's. */
  arch: { name: 'x64'; debian: 'amd64' } | { name: 'arm64'; debian: 'arm64' };
  /** Beyond those that all devices have; the kernel among them. */
  packages: readonly string[];
  /** Lines of shell for mmdebstrap with the new root's path as $1: before there is a kernel, whose image of first files they shape. */
  before: readonly string[];
  /** The same when all is installed, after those of all devices. */
  setUp: readonly string[];
  /** As mke2fs takes it. */
  size: string;
  /** Files that boot beside the kernel: name → pattern within the root. */
  files: Readonly<Record<string, string>>;
}

export const USER = { name: 'pi', password: 'raspberry & sons' } as const;

const PACKAGES = [
  'systemd-sysv',
  'udev',
  'dbus',
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

const SET_UP = [
  'echo labpi >"$1/etc/hostname"; printf "127.0.0.1 localhost labpi\\n" >"$1/etc/hosts"',
  'printf "[Match]\\nName=en* usb*\\n[Network]\\nDHCP=ipv4\\n" >"$1/etc/systemd/network/lan.network"',
  'chroot "$1" systemctl enable systemd-networkd',
  `chroot "$1" useradd --create-home --shell /bin/bash --groups sudo ${USER.name}`,
  `echo "${USER.name}:${USER.password}" | chroot "$1" chpasswd`,
  'mkdir -m 700 "$1/root/.ssh"; cp "$LAB_KEY.pub" "$1/root/.ssh/authorized_keys"',
  // another each time it boots would make each layer another device
  'chroot "$1" systemd-machine-id-setup',
];

/** Program → Debian package, for whatever boots. */
const TO_BOOT = { 'qemu-img': 'qemu-utils', ssh: 'openssh-client' };
const TO_MAKE = { mmdebstrap: 'mmdebstrap', mke2fs: 'e2fsprogs', 'ssh-keygen': 'openssh-client' };

/** Where the tools of disks are, too. */
export const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Programs that are missing, with the packages that bring them. `programs`: those of this device. */
export function missingFor(recipe: Recipe, programs: Readonly<Record<string, string>>): string[] {
  const made = existsSync(folderOf(recipe));
  const wanted = { ...programs, ...TO_BOOT, ...(made ? {} : TO_MAKE) };
  const lacks = Object.entries(wanted).filter(
    ([program]) => spawnSync('sh', ['-c', `command -v ${program}`], { env: { PATH } }).status !== 0,
  );
  const missing = lacks.map(([program, install]) => `${program} (install: ${install})`);
  // a root of another owner than root needs to be one
  if (!made && process.getuid?.() !== 0) missing.push('root, for mmdebstrap');
  return missing;
}

/** Whether the image is there, so that nothing is needed to make it. */
export function isMade(recipe: Recipe): boolean {
  return existsSync(folderOf(recipe));
}

/** Gives the image, made first where there is none yet: 1 GB, and some minutes, under emulation half an hour. */
export function imageOf(recipe: Recipe, log: (line: string) => void): Image {
  const folder = folderOf(recipe);
  if (!existsSync(folder)) make(recipe, folder, log);
  const file = (name: string): string => join(folder, name);
  return {
    disk: file('disk.img'),
    kernel: file('vmlinuz'),
    initrd: file('initrd.img'),
    key: file('key'),
    file,
  };
}

function folderOf(recipe: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify([PACKAGES, SET_UP, recipe]));
  const name = `bookworm-${recipe.arch.name}-${hash.digest('hex').slice(0, 12)}`;
  return join(usualPlaces(null).cache, 'lab', name);
}

function make(recipe: Recipe, folder: string, log: (line: string) => void): void {
  const fresh = `${folder}.new`;
  // a try that was cut may have left this machine's own /dev and /sys in there
  if (readFileSync('/proc/self/mounts', 'utf8').includes(` ${fresh}/`))
    throw new Error(`${fresh} has mounts in it: unmount them, or restart this machine`);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const at = (name: string): string => join(fresh, name);
  log(`making the image of a Debian device in ${folder}, once`);
  const env = { ...process.env, LAB_KEY: at('key'), PATH };
  const run = (program: string, args: string[]): void => {
    const ran = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (ran.status !== 0) throw new Error(`${program}: ${ran.error?.message ?? ran.stderr.slice(-2000)}`);
  };
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', at('key')]);
  run('mmdebstrap', [
    '--variant=minbase',
    '--mode=root',
    `--architectures=${recipe.arch.debian}`,
    `--include=${[...PACKAGES, ...recipe.packages].join(',')}`,
    ...recipe.before.map((line) => `--essential-hook=${line}`),
    ...[...SET_UP, ...recipe.setUp].map((line) => `--customize-hook=${line}`),
    'bookworm',
    at('root'),
  ]);
  const files = { vmlinuz: 'boot/vmlinuz-*', 'initrd.img': 'boot/initrd.img-*', ...recipe.files };
  for (const [name, pattern] of Object.entries(files)) {
    const [found] = globSync(join(at('root'), pattern));
    if (!found) throw new Error(`the image has no ${pattern}`);
    execFileSync('cp', [found, at(name)]);
  }
  // filled from the folder: no loop device, no mount
  run('mke2fs', ['-q', '-t', 'ext4', '-d', at('root'), '-L', 'root', at('disk.img'), recipe.size]);
  rmSync(at('root'), { recursive: true });
  log(`the image takes ${Math.round((statSync(at('disk.img')).blocks * 512) / 1e6)} MB`);
  renameSync(fresh, folder);
}
