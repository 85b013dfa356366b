/** Nerves firmware files made by hand, as fwup lays them out: stored or deflated entries, sizes behind the data. */
import { createPrivateKey, sign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { Blake2b } from '../../src/core/nerves/blake2b.ts';

export interface ZipPart {
  name: string;
  data: Uint8Array;
  stored?: boolean;
  /** Sizes behind the data, as a stream's writer gives them (APPNOTE 4.3.9). Default true for deflated parts. */
  descriptor?: boolean;
}

/** A ZIP file of these parts. */
export function zip(parts: ZipPart[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, data, stored = false, descriptor = !stored } of parts) {
    const packed = stored ? Buffer.from(data) : deflateRawSync(data);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(data.length, 8);
    // version 2.0, flags, method, time and date
    const common = Buffer.alloc(10);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(descriptor ? 8 : 0, 2);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    const nameLength = Buffer.alloc(4);
    nameLength.writeUInt16LE(Buffer.byteLength(name), 0);
    const header = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      common,
      descriptor ? Buffer.alloc(12) : sizes,
      nameLength,
      Buffer.from(name),
    ]);
    const behind = descriptor ? Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), sizes]) : Buffer.alloc(0);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    central.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
        common,
        sizes,
        nameLength,
        place,
        Buffer.from(name),
      ]),
    );
    local.push(header, packed, behind);
    at += header.length + packed.length + behind.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}

export function blake2b256(data: Uint8Array): string {
  return Buffer.from(new Blake2b(32).update(data).digest()).toString('hex');
}

export interface FwOptions {
  product?: string;
  version?: string;
  platform?: string;
  architecture?: string;
  resources?: { name: string; data: Uint8Array }[];
  /** The file's tasks, in place of those of an A/B system with tryboot. */
  tasks?: string;
  /** Text at the end of `meta.conf`. */
  more?: string;
  signer?: KeyObject;
}

/** Tasks as a Raspberry Pi system of 2026 has them: platform and validation demanded, one trial boot. */
export function upgradeTasks(platform: string, architecture: string): string {
  const upgrade = (to: string, from: string) => `task "upgrade.${to}" {
  reqlist = {"4", "require-uboot-variable", "uboot-env", "${from}.nerves_fw_platform", "${platform}", "4", "require-uboot-variable", "uboot-env", "${from}.nerves_fw_architecture", "${architecture}", "4", "require-uboot-variable", "uboot-env", "${from}.nerves_fw_validated", "1", "4", "require-uboot-variable", "uboot-env", "nerves_fw_active", "${from}"}
  on-init { funlist = {"2", "info", "Upgrading partition ${to}"} }
  on-resource "rootfs.img" { funlist = {"2", "raw_write", "77324"} }
  on-finish { funlist = {"4", "uboot_setenv", "uboot-env", "${to}.nerves_fw_validated", "0", "2", "reboot_param", "0 tryboot"} }
}
`;
  return `${upgrade('a', 'b')}${upgrade('b', 'a')}task "upgrade.unexpected" {
  on-init { funlist = {"2", "error", "Please check the media being upgraded. It doesn't look like either the A or B partitions are active."} }
}
`;
}

/** The bytes of a `.fw`. */
export function fwBytes(options: FwOptions = {}): Buffer {
  const { product = 'weather', version = '1.2.0', platform = 'rpi4', architecture = 'arm' } = options;
  const resources = options.resources ?? [{ name: 'rootfs.img', data: Buffer.alloc(300_000, 'squashfs ') }];
  const conf = Buffer.from(
    `meta-product = "${product}"
meta-description = "made for a test"
meta-version = "${version}"
meta-author = "a \\"test\\""
meta-platform = "${platform}"
meta-architecture = "${architecture}"
meta-creation-date = "2026-01-01T00:00:00Z"
meta-fwup-version = "1.16.0"
require-fwup-version = "1.0.0"
${resources
  .map(
    ({ name, data }) =>
      `file-resource "${name}" {\n  length=${data.length}\n  blake2b-256="${blake2b256(data)}"\n}\n`,
  )
  .join('')}mbr "mbr-a" {
  partition "0" {\n    block-offset = 63\n    block-count = 38630\n    boot = true\n  }
  partition "2" {\n    block-offset = 655412\n    block-count = 1048576\n    expand = true\n  }
}
${options.tasks ?? upgradeTasks(platform, architecture)}${options.more ?? ''}`,
  );
  return zip([
    ...(options.signer
      ? [{ name: 'meta.conf.ed25519', data: sign(null, conf, options.signer), stored: true }]
      : []),
    { name: 'meta.conf', data: conf },
    ...resources.map(({ name, data }) => ({ name: `data/${name}`, data })),
  ]);
}

/** A key pair as `fwup -g` makes it: the public file's text, and the key to sign with. */
export function fwupKeys(): { publicText: string; signer: KeyObject } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = privateKey.export({ format: 'jwk' });
  return {
    publicText: Buffer.from(x, 'base64url').toString('base64'),
    signer: createPrivateKey({
      key: privateKey.export({ format: 'der', type: 'pkcs8' }),
      format: 'der',
      type: 'pkcs8',
    }),
  };
}
