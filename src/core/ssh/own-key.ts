/**
 * Muster's own key pair, one a laptop user: installed once on each device, so that a password is needed once.
 * The private key is OpenSSH's own file format (PROTOCOL.key), readable by its owner only.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../shared/errors.ts';

export interface OwnKey {
  /** OpenSSH private key, for connectSsh. */
  readonly privateKey: string;
  /** The line for authorized_keys, without a line end. */
  readonly publicLine: string;
}

const COMMENT = 'muster';
const TYPE = 'ssh-ed25519';
const FRAME = { begin: '-----BEGIN OPENSSH PRIVATE KEY-----', end: '-----END OPENSSH PRIVATE KEY-----' };

/**
 * The key pair in `dir` (`id_ed25519`, mode 0600), made on first use. Several programs may call at once: all
 * get the same key. Throws KEY_FILE_BAD when the file there is not such a key.
 */
export async function ensureOwnKey(dir: string): Promise<OwnKey> {
  const path = join(dir, 'id_ed25519');
  const found = await read(path);
  if (found !== null) return parse(path, found);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temp = join(dir, `.id_ed25519.${process.pid}.${randomBytes(4).toString('hex')}`);
  const file = await open(temp, 'wx', 0o600);
  try {
    await file.writeFile(makePrivateKey());
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // A link fails when the name exists: the first of two programs wins, and neither sees half a file.
    await link(temp, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  } finally {
    await unlink(temp);
  }
  return parse(path, await readFile(path, 'utf8'));
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new MusterError(
      'KEY_FILE_BAD',
      `key file ${path}: unreadable`,
      { path, reason: 'unreadable' },
      thrown,
    );
  }
}

function makePrivateKey(): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pub = rawPublic(publicKey);
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const check = randomBytes(4);
  // PROTOCOL.key section 3: the check number twice, then the key, then 1, 2, 3 … up to the block size of 8.
  const secret = Buffer.concat([
    check,
    check,
    field(TYPE),
    field(pub),
    field(Buffer.concat([seed, pub])),
    field(COMMENT),
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8));
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    field('none'),
    field('none'),
    field(''),
    u32(1),
    field(publicBlob(pub)),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return [FRAME.begin, ...lines, FRAME.end, ''].join('\n');
}

/** Reads the public half back out of the private file, so that the two can never disagree. */
function parse(path: string, text: string): OwnKey {
  const blob = Buffer.from(text.replace(FRAME.begin, '').replace(FRAME.end, ''), 'base64');
  const prefix = Buffer.concat([u32(TYPE.length), Buffer.from(TYPE), u32(32)]);
  const at = blob.indexOf(prefix);
  const pub = blob.subarray(at + prefix.length, at + prefix.length + 32);
  const seedAt = blob.lastIndexOf(Buffer.concat([pub, u32(64)]));
  const seed = blob.subarray(seedAt + 36, seedAt + 68);
  const whole =
    text.includes(FRAME.begin) && at >= 0 && seedAt >= 0 && seed.length === 32 && matches(seed, pub);
  if (!whole)
    throw new MusterError('KEY_FILE_BAD', `key file ${path}: not-a-key`, { path, reason: 'not-a-key' });
  return { privateKey: text, publicLine: `${TYPE} ${publicBlob(pub).toString('base64')} ${COMMENT}` };
}

function matches(seed: Buffer, pub: Buffer): boolean {
  const key = createPrivateKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: pub.toString('base64url') },
  });
  return rawPublic(createPublicKey(key)).equals(pub);
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function publicBlob(pub: Buffer): Buffer {
  return Buffer.concat([field(TYPE), field(pub)]);
}

/** SSH's `string` (RFC 4251 section 5). */
function field(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([u32(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}
