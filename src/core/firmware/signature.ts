/** Ed25519 (RFC 8032) over a bundle's manifest, and the names of keys. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { SIGNED_PREFIX, type PublicKey, type Signature } from '../../shared/firmware.ts';

/** Raw halves of a key pair, 32 bytes each. */
export interface RawKeyPair {
  publicKey: Uint8Array;
  seed: Uint8Array;
}

/** Id of a raw public key: the first 16 hex digits of its SHA-256. */
export function keyId(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/** A raw public key under a name. */
export function namedKey(name: string, publicKey: Uint8Array): PublicKey {
  return { id: keyId(publicKey), name, key: Buffer.from(publicKey).toString('base64') };
}

/** Signs a manifest's bytes as they stand. */
export function signManifest(manifestBytes: Uint8Array, pair: RawKeyPair): Signature {
  const key = createPrivateKey({ format: 'jwk', key: { ...jwk(pair.publicKey), d: base64url(pair.seed) } });
  const signature = sign(null, signedBytes(manifestBytes), key).toString('base64');
  return { key: keyId(pair.publicKey), signature };
}

/** True when `signature` was made by `key` over these very bytes. */
export function signatureIsGood(manifestBytes: Uint8Array, signature: Signature, key: PublicKey): boolean {
  const publicKey = createPublicKey({ format: 'jwk', key: jwk(Buffer.from(key.key, 'base64')) });
  return verify(null, signedBytes(manifestBytes), publicKey, Buffer.from(signature.signature, 'base64'));
}

function signedBytes(manifestBytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(SIGNED_PREFIX), manifestBytes]);
}

/** A raw key as RFC 8037 writes it. */
function jwk(publicKey: Uint8Array) {
  return { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
