/**
 * The public keys whose Nerves firmware this laptop lets out: files `<config dir>/nerves-keys/<name>.pub`, as `fwup -g`
 * writes them. A stock device takes unsigned firmware, so this is the only gate there; without a file there is none.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FirmwareFile } from '../../shared/campaign.ts';
import { MusterError } from '../../shared/errors.ts';

export interface NervesKey {
  /** The first 16 hex digits of SHA-256 over the raw key, as of our own signing keys. */
  id: string;
  name: string;
  raw: Buffer;
}

/** Before the 32 raw bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410 section 4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const SUFFIX = '.pub';

/** The keys of a configuration folder. Throws KEY_FILE_BAD {path, reason}: a gate must not open by a broken file. */
export async function readNervesKeys(configDir: string): Promise<NervesKey[]> {
  const dir = join(configDir, 'nerves-keys');
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw bad(dir, 'the folder cannot be read', thrown);
  }
  return Promise.all(
    names
      .filter((name) => name.endsWith(SUFFIX))
      .toSorted()
      .map(async (name) => {
        const path = join(dir, name);
        const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
          throw bad(path, 'it cannot be read', thrown);
        });
        const raw = Buffer.from(text.trim(), 'base64');
        if (raw.length !== 32) throw bad(path, 'it is not a public key of fwup');
        const id = createHash('sha256').update(raw).digest('hex').slice(0, 16);
        return { id, name: name.slice(0, -SUFFIX.length), raw };
      }),
  );
}

/** What is to be thought of a signature over `meta.conf`; nothing where there is none. */
export function judgeSignature(
  { metaConf, signature }: { metaConf: Uint8Array; signature: Uint8Array | null },
  keys: readonly NervesKey[],
): FirmwareFile['signatures'] {
  if (signature === null) return [];
  const key = keys.find(({ raw }) => {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
    return verify(null, metaConf, publicKey, signature);
  });
  // the file does not say whose key it was
  return [key ? { key: key.id, name: key.name, good: true } : { key: 'unknown', name: null, good: null }];
}

/** Throws FIRMWARE_UNSIGNED or FIRMWARE_UNTRUSTED where keys are kept and none of them signed. */
export function requireSigner(signatures: FirmwareFile['signatures'], keys: readonly NervesKey[]): void {
  if (keys.length === 0 || signatures.some(({ good }) => good === true)) return;
  if (signatures.length === 0)
    throw new MusterError('FIRMWARE_UNSIGNED', 'no signature, but keys are required');
  throw new MusterError('FIRMWARE_UNTRUSTED', 'signed by none of the keys in nerves-keys', {
    device: 'This laptop',
    key: 'a key it does not know',
  });
}

function bad(path: string, reason: string, cause?: unknown): MusterError {
  return new MusterError('KEY_FILE_BAD', `${path}: ${reason}`, { path, reason }, cause);
}
