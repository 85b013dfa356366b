/** `muster firmware keygen | keys | export-key | import-key | trust | revoke`: who may sign, and whom a device takes. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  MAX_KEY_FILE_BYTES,
  newWords,
  publicKeyFile,
  readKeyFile,
  sealKey,
  unsealKey,
} from '../../core/firmware/hand-over.ts';
import { openKeyring, type Keyring } from '../../core/firmware/keyring.ts';
import { usualPlaces } from '../../core/places.ts';
import { writeWhole } from '../../core/whole-file.ts';
import type { SigningKey } from '../../shared/campaign.ts';
import { MusterError } from '../../shared/errors.ts';
import { askPassword, canAsk, readPasswordLine } from '../ask.ts';
import { findDevice } from '../find-device.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { withEngine } from '../with-engine.ts';
import { ownKey, usualKeyName } from './firmware.ts';

const keyringOf = ({ site }: CommandContext): Keyring => openKeyring(usualPlaces(site).config);

/** Makes a signing key on this laptop. */
export async function keygen(context: CommandContext, name: string | null): Promise<void> {
  const key = await keyringOf(context).create(name ?? usualKeyName());
  context.output.result(key, `${key.name}: signing key ${key.id}`);
}

/** Lists the keys this laptop has or knows. */
export async function keys(context: CommandContext): Promise<void> {
  const list = await keyringOf(context).list();
  const rows = list.map(({ id, name, own }) => [id, name, own ? 'signs here' : 'known only']);
  const none = 'No signing key yet. One is made by "muster firmware keygen", or by the first build.';
  context.output.result({ keys: list }, list.length === 0 ? none : table(['KEY', 'NAME', 'USE'], rows));
}

export interface ExportKeyFlags {
  out?: string;
  public?: boolean;
}

/** Writes a key file for a colleague and says the words that open it; with `public` the public half alone. */
export async function exportKey(
  context: CommandContext,
  wanted: string | null,
  flags: ExportKeyFlags,
): Promise<void> {
  const keyring = keyringOf(context);
  const key = flags.public && wanted !== null ? await keyring.find(wanted) : await ownKey(keyring, wanted);
  const path = resolve(flags.out ?? `${key.id}.${flags.public ? 'public-key' : 'signing-key'}.json`);
  const words = flags.public ? null : newWords();
  const text = words === null ? publicKeyFile(key) : await sealKey(await keyring.secretOf(key.id), words);
  await writeWhole(path, text, flags.public ? 0o644 : 0o600);
  const lines =
    words === null
      ? [`${path} holds the public half of ${key.name} (${key.id}).`]
      : [
          `${path} holds the signing key ${key.name} (${key.id}), closed by these words:`,
          '',
          `  ${words}`,
          '',
          'Send the file and say the words on another way, by voice for instance. They are shown only now.',
        ];
  context.output.result({ path, key: key.id, name: key.name, words }, lines.join('\n'));
}

/** Takes a key file in. The words of a closed one come from the terminal or the first line of standard input. */
export async function importKey(context: CommandContext, file: string): Promise<void> {
  const keyring = keyringOf(context);
  const path = resolve(file);
  const content = readKeyFile(path, await smallFile(path));
  const key =
    content.kind === 'public'
      ? await keyring.addKnown(content.key)
      : await keyring.addOwn(await unsealKey(path, content.text, await askWords()));
  context.output.result(
    key,
    `${key.name} (${key.id}): ${key.own ? 'this laptop can sign with it' : 'known here'}`,
  );
}

function askWords(): Promise<string> {
  return canAsk() ? askPassword('Words of the key file') : readPasswordLine();
}

async function smallFile(path: string): Promise<string> {
  const bad = (reason: string, cause?: unknown) =>
    new MusterError('SIGNING_KEY_BAD', `${path}: ${reason}`, { path, reason }, cause);
  try {
    if ((await stat(path)).size <= MAX_KEY_FILE_BYTES) return await readFile(path, 'utf8');
  } catch (thrown) {
    throw bad('it cannot be read', thrown);
  }
  throw bad('it is too large for a key file');
}

/** Has a device take firmware of a key from now on, or never again. */
export function decide(
  context: CommandContext,
  verdict: 'trust' | 'revoke',
  host: string,
  wanted: string,
): Promise<void> {
  return withEngine(context, { watch: true }, async (engine) => {
    const device = await findDevice(engine, host);
    await engine.linked(device.id);
    // a key may be withdrawn that this laptop has never seen: then it is named by its id
    const known: SigningKey | null = await keyringOf(context)
      .find(wanted)
      .catch((thrown: unknown) => {
        if (verdict === 'revoke' && /^[0-9a-f]{16}$/.test(wanted)) return null;
        throw thrown;
      });
    const key = known?.id ?? wanted;
    await engine.handlers[`firmware.${verdict}`]({ device: device.id, key });
    const said =
      verdict === 'trust' ? 'takes firmware signed by' : 'takes no firmware any more that is signed by';
    context.output.result(
      { device: device.id, key, verdict },
      `${device.name} ${said} ${known?.name ?? key}.`,
    );
  });
}
