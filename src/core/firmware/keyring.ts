/**
 * The signing keys of this laptop's user: own ones, each with its secret in a file that only its owner can read, and
 * public ones of colleagues. Owns: `<config dir>/signing/`. Refuses: to hand out a secret except to hand-over.ts, to
 * log one, to overwrite one. Called by the firmware commands, the installer and the engine's handlers.
 */
import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { SigningKey } from '../../shared/campaign.ts';
import { MusterError } from '../../shared/errors.ts';
import { publicKeySchema, type PublicKey, type Signature } from '../../shared/firmware.ts';
import { readNervesKeys, type NervesKey } from '../nerves/nerves-keys.ts';
import { writeWhole } from '../whole-file.ts';
import { keyId, namedKey, signatureIsGood, signManifest } from './signature.ts';

/** An own key with its secret: 32 bytes (RFC 8032's private key), base64. */
export const ownKeySchema = publicKeySchema.extend({ secret: z.base64().length(44) });
export type OwnKey = z.infer<typeof ownKeySchema>;

/** Of an own key, and of one that is only known. */
const OWN = /^[0-9a-f]{16}\.key$/;
const KNOWN = /^[0-9a-f]{16}\.pub$/;

/** What this laptop thinks of a signature. `good`: null when the key is not known here. */
export interface JudgedSignature {
  key: string;
  name: string | null;
  good: boolean | null;
}

export interface Keyring {
  /** Own keys first, by name. Throws SIGNING_KEY_BAD {path, reason} for a file that is damaged. */
  list(): Promise<SigningKey[]>;
  /** The key with this id or (if only one has it) name. Throws SIGNING_KEY_UNKNOWN {key}, BAD_INPUT. */
  find(idOrName: string): Promise<SigningKey>;
  /** Makes a new own key. */
  create(name: string): Promise<SigningKey>;
  /** The own keys, after making one called `name` where there is none. */
  ensureOwn(name: string): Promise<SigningKey[]>;
  /** Remembers a colleague's public key. An own key stays own. */
  addKnown(key: PublicKey): Promise<SigningKey>;
  /** Keeps an own key that was handed over. */
  addOwn(key: OwnKey): Promise<SigningKey>;
  /** An own key with its secret, for handing over. Throws SIGNING_KEY_UNKNOWN. */
  secretOf(id: string): Promise<OwnKey>;
  /** Signs with an own key. Throws SIGNING_KEY_UNKNOWN {key}. */
  sign(id: string, manifestBytes: Uint8Array): Promise<Signature>;
  /** Public keys of Nerves firmware, which has its own kind of file. */
  nervesKeys(): Promise<NervesKey[]>;
  /** What is to be thought of these signatures. */
  judge(manifestBytes: Uint8Array, signatures: readonly Signature[]): Promise<JudgedSignature[]>;
}

/** The keyring of a configuration folder (`usualPlaces(…).config`). Nothing is made before it is needed. */
export function openKeyring(configDir: string): Keyring {
  const dir = join(configDir, 'signing');

  async function names(): Promise<string[]> {
    try {
      return await readdir(dir);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw bad(dir, 'the folder cannot be read', thrown);
    }
  }

  async function list(): Promise<SigningKey[]> {
    const files = (await names()).filter((name) => OWN.test(name) || KNOWN.test(name));
    const keys = await Promise.all(
      files.map(async (file): Promise<SigningKey> => {
        const { id, name, key } = await readKey(join(dir, file));
        return { id, name, key, own: OWN.test(file) };
      }),
    );
    const own = new Set(keys.filter((key) => key.own).map(({ id }) => id));
    return keys
      .filter((key) => key.own || !own.has(key.id))
      .toSorted((a, b) => Number(b.own) - Number(a.own) || compare(a.name, b.name) || compare(a.id, b.id));
  }

  async function find(idOrName: string): Promise<SigningKey> {
    const keys = await list();
    const byId = keys.find(({ id }) => id === idOrName);
    if (byId) return byId;
    const [key, other] = keys.filter(({ name }) => name === idOrName);
    if (!key) throw unknown(idOrName);
    if (other)
      throw new MusterError('BAD_INPUT', `several keys are called ${idOrName}: give the id instead`, {
        field: 'key',
      });
    return key;
  }

  async function write(name: string, value: unknown): Promise<void> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await chmod(dir, 0o700);
    await writeWhole(join(dir, name), `${JSON.stringify(value)}\n`, 0o600);
  }

  async function addOwn({ id, name, key, secret }: OwnKey): Promise<SigningKey> {
    await write(`${id}.key`, { id, name, key, secret });
    return { id, name, key, own: true };
  }

  function create(name: string): Promise<SigningKey> {
    const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const secret = Buffer.from(d, 'base64url').toString('base64');
    return addOwn({ ...namedKey(checkedName(name), Buffer.from(x, 'base64url')), secret });
  }

  async function secretOf(id: string): Promise<OwnKey> {
    if (!(await names()).includes(`${id}.key`)) throw unknown(id);
    const key = await readKey(join(dir, `${id}.key`));
    if (!('secret' in key)) throw bad(join(dir, `${id}.key`), 'it holds no secret');
    return key;
  }

  return {
    list,
    find,
    create,
    async ensureOwn(name) {
      const own = (await list()).filter((key) => key.own);
      return own.length > 0 ? own : [await create(name)];
    },
    async addKnown({ id, name, key }) {
      const found = (await list()).find((one) => one.id === id);
      if (found?.own) return found;
      await write(`${id}.pub`, { id, name: checkedName(name), key });
      return { id, name, key, own: false };
    },
    addOwn,
    secretOf,
    async sign(id, manifestBytes) {
      const { key, secret } = await secretOf(id);
      const pair = { publicKey: Buffer.from(key, 'base64'), seed: Buffer.from(secret, 'base64') };
      return signManifest(manifestBytes, pair);
    },
    nervesKeys: () => readNervesKeys(configDir),
    async judge(manifestBytes, signatures) {
      const keys = new Map((await list()).map((key) => [key.id, key]));
      return signatures.map((signature) => {
        const key = keys.get(signature.key);
        const good = key ? signatureIsGood(manifestBytes, signature, key) : null;
        return { key: signature.key, name: key?.name ?? null, good };
      });
    },
  };
}

/** Reads a key file. Its id is computed, so that a file cannot claim to be another key. */
async function readKey(path: string): Promise<OwnKey | PublicKey> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    // the cause would quote the file, and that holds a secret
    throw bad(path, thrown instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read');
  }
  const parsed = z.union([ownKeySchema, publicKeySchema]).safeParse(value);
  if (!parsed.success) throw bad(path, 'it is not a signing key');
  if (parsed.data.id !== keyId(Buffer.from(parsed.data.key, 'base64')))
    throw bad(path, 'its id is not that of its key');
  return parsed.data;
}

function checkedName(name: string): string {
  const result = publicKeySchema.shape.name.safeParse(name.trim());
  if (result.success) return result.data;
  throw new MusterError('BAD_INPUT', 'a key needs a name of 1 to 200 letters', { field: 'name' });
}

function unknown(key: string): MusterError {
  return new MusterError('SIGNING_KEY_UNKNOWN', `no signing key ${key} on this laptop`, { key });
}

function bad(path: string, reason: string, cause?: unknown): MusterError {
  return new MusterError('SIGNING_KEY_BAD', `${path}: ${reason}`, { path, reason }, cause);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
