/** What a firmware file is, for a person: our own bundle or another kind, told by its first bytes. */
import type { FirmwareFile } from '../../shared/campaign.ts';
import { openBundle } from './bundle-file.ts';
import type { Keyring } from './keyring.ts';

/** Reads what the file says of itself; content is not unpacked. Throws FIRMWARE_INVALID {path, reason}. */
export async function inspectFirmware(path: string, keyring: Keyring): Promise<FirmwareFile> {
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
