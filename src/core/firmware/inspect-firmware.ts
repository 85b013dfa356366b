/** What a firmware file is, for a person: our own bundle or another kind, told by its first bytes. */
import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { FirmwareFile } from '../../shared/campaign.ts';
import { firmwareFileOf, readFw } from '../nerves/fw-file.ts';
import { openBundle } from './bundle-file.ts';
import type { Keyring } from './keyring.ts';

/** A Nerves `.fw` is a zip file (APPNOTE.TXT, section 4.3.7). */
const ZIP_MAGIC = 'PK';

/** Reads what the file says of itself; of a bundle the content is not unpacked. Throws FIRMWARE_INVALID {path, reason}. */
export async function inspectFirmware(path: string, keyring: Keyring): Promise<FirmwareFile> {
  if ((await beginning(path, ZIP_MAGIC.length)) === ZIP_MAGIC)
    return firmwareFileOf(await readFw(path), await keyring.nervesKeys());
  const bundle = await openBundle(path);
  try {
    const { manifest, manifestBytes, manifestHash, signatures, bytes } = bundle;
    const [target] = manifest.targets;
    return {
      path,
      kind: 'muster',
      product: manifest.product,
      version: manifest.version,
      architectures: manifest.targets.map(({ arch }) => arch),
      platform: null,
      identity: manifestHash,
      runtime: target ? { version: target.runtime, carried: target.carriesRuntime } : null,
      bytes,
      signatures: await keyring.judge(manifestBytes, signatures),
    };
  } finally {
    await bundle.close();
  }
}

/** The first bytes of a file; none where it cannot be read: whoever opens it says why. */
function beginning(path: string, length: number): Promise<string> {
  return text(createReadStream(path, { end: length - 1, encoding: 'latin1' })).catch(() => '');
}
