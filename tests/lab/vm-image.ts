/** The lab's x64 machine: its disk, its hardware, and what is needed to make and boot it. */
import { execFileSync } from 'node:child_process';
import { imageOf, missingFor, type Image, type Recipe } from './image.ts';
import type { Hardware } from './virtual-machine.ts';

const RECIPE: Recipe = {
  arch: { name: 'x64', debian: 'amd64' },
  packages: ['linux-image-amd64'],
  before: [],
  setUp: [],
  size: '3G',
  files: {},
};

/** What is missing, with the packages that bring it; empty when the lab can run. */
export function missingForVm(): string[] {
  return missingFor(RECIPE, { 'qemu-system-x86_64': 'qemu-system-x86 seabios ipxe-qemu' });
}

/** Gives the image; some minutes the first time. */
export function vmImage(log: (line: string) => void): Image {
  return imageOf(RECIPE, log);
}

/** A computer on a fresh layer of the disk, which is made at `layer`. */
export function pc({ disk, kernel, initrd }: Image, layer: string): Hardware {
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk, '-F', 'raw', layer]);
  const board = ['-M', 'q35', '-cpu', 'max', '-m', '1024', '-smp', '2', '-nodefaults'];
  const boot = ['-kernel', kernel, '-initrd', initrd, '-append', 'root=/dev/vda rw console=ttyS0 quiet'];
  const drive = ['-drive', `file=${layer},if=virtio,format=qcow2`];
  return { program: 'qemu-system-x86_64', args: [...board, ...boot, ...drive], card: 'virtio-net-pci' };
}
