/** The lab's Raspberry Pi 3 B: its card, its hardware, and what is needed to make and boot it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { imageOf, isMade, missingFor, PATH, type Image, type Recipe } from './image.ts';
import type { Hardware } from './virtual-machine.ts';

/** The first QEMU whose Pi has an I2C controller. */
const QEMU = 9;

const RECIPE: Recipe = {
  arch: { name: 'arm64', debian: 'arm64' },
  packages: ['linux-image-arm64', 'gpiod'],
  before: [
    // what finds the card: all that there is would take half an hour to gather, emulated
    'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"',
    'echo MODULES=list >"$1/etc/initramfs-tools/conf.d/card"',
    'printf "%s\\n" bcm2835 sdhci-iproc ext4 >"$1/usr/share/initramfs-tools/modules.d/card"',
  ],
  setUp: [
    // as the Pi's own system comes: the bus as a device file, and a group that may use the lines
    'echo i2c-dev >"$1/etc/modules-load.d/i2c.conf"',
    'chroot "$1" groupadd --system gpio',
    `echo 'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"' >"$1/etc/udev/rules.d/60-gpio.rules"`,
  ],
  // of an SD card's size, which is a power of two
  size: '4G',
  files: { 'pi3.dtb': 'usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb' },
};

/** What is missing, with the packages that bring it; empty when the lab can run. */
export function missingForPi3(): string[] {
  const missing = missingFor(RECIPE, { 'qemu-system-aarch64': BACKPORT, debugfs: 'e2fsprogs' });
  const { stdout } = spawnSync('qemu-system-aarch64', ['--version'], { encoding: 'utf8' });
  const version = /version (\d+)/.exec(stdout ?? '')?.[1];
  if (version !== undefined && Number(version) < QEMU)
    missing.push(`QEMU ${QEMU} or newer, this is ${version} (install: ${BACKPORT})`);
  if (!isMade(RECIPE) && !runsArm64())
    missing.push('a kernel that runs programs for arm64 (install: qemu-user-static binfmt-support)');
  return missing;
}

/** Debian 12's own QEMU has a Pi without the controller: it takes a line in the sources that this machine has already. */
const BACKPORT =
  'qemu-system-arm, on Debian 12 from bookworm-backports: the same mirror as in your apt sources with that suite, then apt-get install -t bookworm-backports qemu-system-arm';

function runsArm64(): boolean {
  return existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64');
}

/** Gives the image; half an hour the first time, since all of Debian's own scripts run emulated. */
export function pi3Image(log: (line: string) => void): Image {
  return imageOf(RECIPE, log);
}

/** A file put into the card from outside, owned by the user with number `owner`, in a folder of its own. */
export interface Laid {
  from: string;
  folder: string;
  name: string;
  owner: number;
}

/** A fresh copy of the card at `card`, with a file that would be long on the way. */
export function layCard(image: Image, card: string, { from, folder, name, owner }: Laid): void {
  execFileSync('cp', ['--sparse=always', image.disk, card]);
  const own = (path: string, mode: string): string[] =>
    Object.entries({ uid: owner, gid: owner, mode }).map(
      ([field, value]) => `set_inode_field ${path} ${field} ${value}`,
    );
  const path = `${folder}/${name}`;
  const lines = [
    `mkdir ${folder}`,
    ...own(folder, '040700'),
    `write ${from} ${path}`,
    ...own(path, '0100600'),
  ];
  const env = { ...process.env, PATH };
  execFileSync('debugfs', ['-w', '-f', '-', card], { env, input: `${lines.join('\n')}\n`, stdio: 'pipe' });
}

/** Its first I2C controller for the header's pins 3 and 5, which Linux calls i2c-1, with a thermometer on it. */
const THERMOMETER = 'tmp105,id=thermometer,bus=i2c-bus.1,address=0x48';

/** The board; `qmp`: path of the socket through which the world around it is changed. */
export function pi3({ kernel, initrd, file }: Image, card: string, qmp: string): Hardware {
  const board = ['-M', 'raspi3b', '-m', '1G', '-smp', '4', '-device', THERMOMETER];
  const console = 'root=/dev/mmcblk0 rw rootwait console=ttyAMA0,115200 quiet';
  const boot = ['-kernel', kernel, '-initrd', initrd, '-dtb', file('pi3.dtb'), '-append', console];
  const rest = ['-drive', `file=${card},if=sd,format=raw`, '-qmp', `unix:${qmp},server,nowait`];
  return { program: 'qemu-system-aarch64', args: [...board, ...boot, ...rest], card: 'usb-net' };
}
