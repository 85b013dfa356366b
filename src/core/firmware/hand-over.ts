/**
 * Hands a signing key to a colleague: a file that words open. The file may travel by mail or stick; the words travel
 * by voice. scrypt (RFC 7914) over the words, then AES-256-GCM. Refuses: weak words of a person's own (it makes them).
 */
import { createCipheriv, createDecipheriv, randomBytes, randomInt, scrypt } from 'node:crypto';
import * as z from 'zod';
import { MusterError } from '../../shared/errors.ts';
import { publicKeySchema, type PublicKey } from '../../shared/firmware.ts';
import { WORDS } from '../trust/words.ts';
import { ownKeySchema, type OwnKey } from './keyring.ts';
import { keyId } from './signature.ts';

/** 8 words of 256: 64 bits, each guess of which costs the work below. */
const WORD_COUNT = 8;
/** scrypt's cost: 2^16, a quarter of a second and 64 MiB on a laptop. */
const SCRYPT = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 } as const;
/** No key file is larger, bytes. */
export const MAX_KEY_FILE_BYTES = 16 * 1024;

const sealedSchema = z.strictObject({
  format: z.literal('muster signing key 1'),
  /** For people who wonder what the file is. It is authenticated with the rest. */
  key: publicKeySchema,
  salt: z.base64().length(24),
  nonce: z.base64().length(16),
  /** Ciphertext, then GCM's tag of 16 bytes. */
  sealed: z.base64().max(MAX_KEY_FILE_BYTES),
});

/** A public key on its own, for who only has to know it. */
const openSchema = z.strictObject({ format: z.literal('muster public key 1'), key: publicKeySchema });

/** What a key file holds: `own` with its secret after the right words. */
export type KeyFile = { kind: 'public'; key: PublicKey } | { kind: 'sealed'; key: PublicKey; text: string };

/** New words for one hand-over. */
export function newWords(): string {
  return Array.from({ length: WORD_COUNT }, () => WORDS[randomInt(WORDS.length)]).join(' ');
}

/** The text of a key file that `words` open. */
export async function sealKey({ id, name, key, secret }: OwnKey, words: string): Promise<string> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const shown: PublicKey = { id, name, key };
  const cipher = createCipheriv('aes-256-gcm', await keyOf(words, salt), nonce);
  cipher.setAAD(Buffer.from(JSON.stringify(shown)));
  const sealed = Buffer.concat([cipher.update(JSON.stringify({ ...shown, secret })), cipher.final()]);
  return `${JSON.stringify({
    format: 'muster signing key 1',
    key: shown,
    salt: salt.toString('base64'),
    nonce: nonce.toString('base64'),
    sealed: Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64'),
  })}\n`;
}

/** The text of a file with the public half only. */
export function publicKeyFile({ id, name, key }: PublicKey): string {
  return `${JSON.stringify({ format: 'muster public key 1', key: { id, name, key } })}\n`;
}

/** Reads a key file as far as it goes without words. Throws SIGNING_KEY_BAD {path, reason}. */
export function readKeyFile(path: string, text: string): KeyFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad(path, 'it is no key file of Muster');
  }
  const parsed = z.union([sealedSchema, openSchema]).safeParse(value);
  if (!parsed.success) throw bad(path, 'it is no key file of Muster');
  const { key } = parsed.data;
  if (key.id !== keyId(Buffer.from(key.key, 'base64'))) throw bad(path, 'its id is not that of its key');
  return 'sealed' in parsed.data ? { kind: 'sealed', key, text } : { kind: 'public', key };
}

/** Opens a sealed key file. Throws SIGNING_KEY_LOCKED for other words or a changed file, SIGNING_KEY_BAD. */
export async function unsealKey(path: string, text: string, words: string): Promise<OwnKey> {
  const file = sealedSchema.safeParse(JSON.parse(text));
  if (!file.success) throw bad(path, 'it is no sealed key file of Muster');
  const { key, salt, nonce, sealed } = file.data;
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < 16) throw bad(path, 'it is cut');
  const secretKey = await keyOf(words, Buffer.from(salt, 'base64'));
  const decipher = createDecipheriv('aes-256-gcm', secretKey, Buffer.from(nonce, 'base64'));
  decipher.setAAD(Buffer.from(JSON.stringify({ id: key.id, name: key.name, key: key.key })));
  decipher.setAuthTag(bytes.subarray(-16));
  let plain: string;
  try {
    plain = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
  } catch {
    throw new MusterError('SIGNING_KEY_LOCKED', `${path}: those words do not open it`, { path });
  }
  return ownKeySchema.parse(JSON.parse(plain));
}

/** However they are typed: case, spaces and dashes between do not matter. */
function keyOf(words: string, salt: Uint8Array): Promise<Buffer> {
  const plain = words
    .toLowerCase()
    .split(/[\s-]+/)
    .filter(Boolean)
    .join(' ');
  return new Promise((resolve, reject) => {
    scrypt(plain, salt, 32, SCRYPT, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function bad(path: string, reason: string): MusterError {
  return new MusterError('SIGNING_KEY_BAD', `${path}: ${reason}`, { path, reason });
}
