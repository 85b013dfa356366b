/**
 * Whose firmware this device takes: a small file of public keys and of keys withdrawn for good.
 * Owns: the judgement on signatures. Refuses: to believe an id that is not its key's, to read a clock, and, while the
 * file cannot be read, everything. Read anew for each judgement: the installer writes it too.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';
import {
  keyIdSchema,
  publicKeySchema,
  SIGNED_PREFIX,
  type PublicKey,
  type Signature,
} from '../../src/shared/firmware.ts';
import { diskError } from './disk-errors.ts';
import { replaceFile, type Disk } from './disk.ts';

const fileSchema = z.object({
  keys: z.array(publicKeySchema).max(64),
  revoked: z.array(keyIdSchema).max(1000),
});
export type Trust = z.infer<typeof fileSchema>;

export class TrustStore {
  readonly #path: string;
  readonly #disk: Disk;

  constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#disk = disk;
  }

  /** Keys that count and keys that never do again. A file that is missing or broken trusts nobody. */
  async read(): Promise<Trust> {
    return (await this.#stored()) ?? { keys: [], revoked: [] };
  }

  /**
   * Returns when somebody trusted has signed these very bytes. Throws FIRMWARE_UNSIGNED, FIRMWARE_REVOKED {key},
   * FIRMWARE_UNTRUSTED {key, reason}.
   */
  async judge(manifest: Uint8Array, signatures: readonly Signature[]): Promise<void> {
    const [first] = signatures;
    if (!first) throw new MusterError('FIRMWARE_UNSIGNED', 'the bundle carries no signature', {});
    const { keys, revoked } = await this.read();
    const signed = Buffer.concat([Buffer.from(SIGNED_PREFIX), manifest]);
    const known = signatures.flatMap((signature) => {
      const key = keys.find(({ id }) => id === signature.key);
      return key && !revoked.includes(key.id) ? [{ signature, key }] : [];
    });
    if (known.some(({ signature, key }) => isGood(signed, signature, key))) return;
    const withdrawn = signatures.find(({ key }) => revoked.includes(key));
    if (withdrawn)
      throw new MusterError('FIRMWARE_REVOKED', `the key ${withdrawn.key} was withdrawn`, {
        key: withdrawn.key,
      });
    const bad = known[0];
    const key = bad ? `${bad.key.name} (${bad.key.id})` : first.key;
    const reason = bad
      ? 'the signature does not fit the firmware'
      : keys.length === 0
        ? 'it trusts no key yet: install Muster again from a laptop that has a signing key'
        : `it trusts ${keys.map(({ name, id }) => `${name} (${id})`).join(', ')}`.slice(0, 500);
    throw new MusterError('FIRMWARE_UNTRUSTED', `not signed by a trusted key: ${reason}`, { key, reason });
  }

  /** Throws REFUSED {reason} for a withdrawn key and a broken file, BAD_INPUT for an id that is not the key's. */
  async trust(key: PublicKey): Promise<void> {
    const trust = await this.#mine();
    if (idOf(key) !== key.id)
      throw new MusterError('BAD_INPUT', `${key.id} is not the id of that key`, { field: 'key.id' });
    if (trust.revoked.includes(key.id)) throw refusal(`the key ${key.id} was withdrawn for good`);
    const keys = [...trust.keys.filter(({ id }) => id !== key.id), key];
    if (keys.length > 64) throw refusal('it trusts 64 keys already');
    await this.#write({ ...trust, keys });
  }

  /** Throws REFUSED {reason} for a broken file. */
  async revoke(id: string): Promise<void> {
    const trust = await this.#mine();
    const revoked = [...new Set([...trust.revoked, id])];
    if (revoked.length > 1000) throw refusal('it remembers 1000 withdrawn keys already');
    await this.#write({ keys: trust.keys.filter((key) => key.id !== id), revoked });
  }

  /** What is stored, to be changed. Overwriting what cannot be read would forget what was withdrawn. */
  async #mine(): Promise<Trust> {
    const stored = await this.#stored();
    if (stored) return stored;
    throw refusal(`${this.#path} is damaged: remove it on the device, then install Muster again`);
  }

  /** Null when the file is there but makes no sense. */
  async #stored(): Promise<Trust | null> {
    try {
      const { keys, revoked } = fileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      return { keys: keys.filter((key) => idOf(key) === key.id && !revoked.includes(key.id)), revoked };
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? { keys: [], revoked: [] } : null;
    }
  }

  async #write(trust: Trust): Promise<void> {
    try {
      await replaceFile(this.#disk, dirname(this.#path), basename(this.#path), `${JSON.stringify(trust)}\n`);
    } catch (thrown) {
      throw diskError(thrown, this.#path);
    }
  }
}

function refusal(reason: string): MusterError {
  return new MusterError('REFUSED', reason, { reason });
}

function idOf({ key }: PublicKey): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16);
}

/** Ed25519, RFC 8032; the key as RFC 8037 writes it. */
function isGood(signed: Uint8Array, { signature }: Signature, { key }: PublicKey): boolean {
  try {
    const x = Buffer.from(key, 'base64').toString('base64url');
    const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
    return verify(null, signed, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
