/** `muster firmware build | inspect | sign | verify | test` and `muster new`: firmware as files, without any device. */
import { spawn } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { buildFirmware } from '../../core/firmware/build-firmware.ts';
import { openBundle } from '../../core/firmware/bundle-file.ts';
import { inspectFirmware } from '../../core/firmware/inspect-firmware.ts';
import { openKeyring, type Keyring } from '../../core/firmware/keyring.ts';
import { linkMuster, newProject } from '../../core/firmware/new-project.ts';
import { signBundle, verifyBundle } from '../../core/firmware/sign-bundle.ts';
import type { RuntimeArch } from '../../core/install/runtime-pin.ts';
import { usualPlaces } from '../../core/places.ts';
import { findPrograms } from '../../core/programs.ts';
import type { FirmwareFile, SigningKey } from '../../shared/campaign.ts';
import { MusterError } from '../../shared/errors.ts';
import type { CommandContext } from '../main.ts';

export interface BuildFlags {
  arch?: RuntimeArch[];
  /** False: Node is left out. */
  runtime?: boolean;
  out?: string;
  key?: string;
  unsigned?: boolean;
}

/** Builds a bundle of the product, or of the project in `dir`, signed by this laptop's own key unless told. */
export async function build(context: CommandContext, dir: string | null, flags: BuildFlags): Promise<void> {
  const { output, root, site } = context;
  const places = usualPlaces(site);
  const keyring = openKeyring(places.config);
  if (!flags.unsigned) {
    const hadOne = (await keyring.list()).some(({ own }) => own);
    const [first] = await keyring.ensureOwn(usualKeyName());
    if (first && !hadOne) output.progress(`Made the signing key ${first.name} (${first.id}) on this laptop.`);
  }
  const key = flags.unsigned ? null : await ownKey(keyring, flags.key ?? null);
  if (dir !== null) await linkMuster(resolve(dir), root);
  const stop = new AbortController();
  const abort = () => stop.abort();
  process.once('SIGINT', abort);
  try {
    const { path, warnings } = await buildFirmware({
      dir,
      architectures: flags.arch ?? ['arm64', 'x64'],
      withRuntime: flags.runtime ?? true,
      out: flags.out ?? null,
      programs: findPrograms(root),
      places,
      sign: async (manifest) => (key ? [await keyring.sign(key.id, manifest)] : []),
      signal: stop.signal,
      onProgress: output.progress,
    });
    const firmware = await inspectFirmware(path, keyring);
    const text = [firmwareText(firmware), ...warnings.map((line) => `Note: ${line.trim()}`)].join('\n');
    output.result({ ...firmware, warnings }, text);
  } finally {
    process.off('SIGINT', abort);
  }
}

/** Prints what a firmware file is. */
export async function inspect({ output, site }: CommandContext, file: string): Promise<void> {
  const firmware = await inspectFirmware(resolve(file), openKeyring(usualPlaces(site).config));
  output.result(firmware, firmwareText(firmware));
}

/** Adds a signature to a bundle. */
export async function sign(context: CommandContext, file: string, key: string | null): Promise<void> {
  const keyring = openKeyring(usualPlaces(context.site).config);
  const { id, name } = await ownKey(keyring, key);
  const path = resolve(file);
  const signatures = await signBundle(path, keyring, id);
  context.output.result(
    { path, key: id, name, signatures: signatures.length },
    `${path}: signed by ${name} (${id})`,
  );
}

/** Proves a bundle: exit code 1 and the part that is not right, or 0. */
export async function verify({ output, site }: CommandContext, file: string): Promise<void> {
  const bundle = await openBundle(resolve(file));
  try {
    const signatures = await verifyBundle(bundle, openKeyring(usualPlaces(site).config));
    const signers = signatures.filter(({ good }) => good).map(({ name, key }) => `${name} (${key})`);
    const { product, version, blobs } = bundle.manifest;
    output.result(
      { path: bundle.path, product, version, identity: bundle.manifestHash, signatures },
      `${product} ${version} is whole: signed by ${signers.join(', ')}, ${blobs.length} contents have the right hash.`,
    );
  } finally {
    await bundle.close();
  }
}

/** Starts a team's own project. */
export async function startProject({ output, root }: CommandContext, dir: string): Promise<void> {
  const { path, product } = await newProject(dir, root);
  output.result(
    { path, product },
    [
      `${path} is the firmware project ${product}. Read its README.md, then:`,
      `  muster firmware test ${dir}    runs the tests of its driver`,
      `  muster firmware build ${dir}   makes the file to push`,
    ].join('\n'),
  );
}

/** Runs a project's tests with this Node; ends as they end. */
export async function testProject({ output, root }: CommandContext, dir: string): Promise<void> {
  const cwd = resolve(dir);
  await linkMuster(cwd, root);
  const child = spawn(
    process.execPath,
    ['--test', ...(output.json ? ['--test-reporter=tap'] : []), 'drivers/*.test.ts'],
    {
      cwd,
      stdio: ['ignore', output.json ? 'ignore' : 'inherit', 'inherit'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    },
  );
  const code = await new Promise<number>((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => done(exit ?? 1));
  });
  process.exitCode = code === 0 ? 0 : 1;
  output.result({ path: cwd, passed: code === 0 }, '');
}

/** The own key that is meant: by id or name, or the only one. Throws SIGNING_KEY_UNKNOWN, BAD_INPUT. */
export async function ownKey(keyring: Keyring, wanted: string | null): Promise<SigningKey> {
  if (wanted !== null) {
    const key = await keyring.find(wanted);
    if (!key.own)
      throw new MusterError('SIGNING_KEY_UNKNOWN', `${wanted} is a colleague's key`, { key: wanted });
    return key;
  }
  const [key, ...others] = (await keyring.list()).filter(({ own }) => own);
  if (!key) throw new MusterError('SIGNING_KEY_UNKNOWN', 'this laptop has no signing key yet', {});
  if (others.length === 0) return key;
  const names = [key, ...others].map(({ id, name }) => `${id} (${name})`).join(', ');
  throw new MusterError('BAD_INPUT', `this laptop has several keys, say which with --key: ${names}`, {
    field: 'key',
  });
}

/** What a key made here is called unless told: whose it is, where. */
export function usualKeyName(): string {
  return `${userInfo().username}@${hostname()}`;
}

const SIGNED = { true: 'good', false: 'NOT GOOD', null: 'unknown here' } as const;

function firmwareText(firmware: FirmwareFile): string {
  const { path, kind, product, version, architectures, platform, identity, runtime, bytes, signatures } =
    firmware;
  const signers = signatures.map(
    ({ key, name, good }) => `${name ?? 'a key'} (${key}): ${SIGNED[`${good}`]}`,
  );
  const runs =
    runtime &&
    `Node ${runtime.version}, ${runtime.carried ? 'carried along' : 'not carried: the device must have it'}`;
  const rows: [string, string | null][] = [
    ['file', `${path}, ${(bytes / 1e6).toFixed(1)} MB`],
    ['kind', kind === 'muster' ? 'Muster bundle' : 'Nerves firmware'],
    ['product', `${product} ${version}`],
    ['for', [platform, ...architectures].filter(Boolean).join(', ')],
    ['runtime', runs],
    ['identity', identity],
    ['signed by', signers.length > 0 ? signers.join(', ') : 'nobody'],
  ];
  return rows.flatMap(([head, text]) => (text === null ? [] : [`${head.padEnd(10)} ${text}`])).join('\n');
}
