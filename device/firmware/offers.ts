/**
 * Bundles that laptops have offered: read, judged and found fitting, but nothing of them stored.
 * Owns: every refusal that needs no content. Refuses: what contradicts itself, what nobody trusted signed, what this
 * device could not run. Kept in memory only: after a restart a laptop offers again.
 */
import { createHash } from 'node:crypto';
import { MusterError } from '../../src/shared/errors.ts';
import {
  manifestSchema,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type Signature,
} from '../../src/shared/firmware.ts';
import { filesFor, MANIFEST_NAME } from './slots.ts';

export interface Offer {
  /** Sha256 of `bytes`. */
  id: string;
  bytes: Uint8Array;
  manifest: Manifest;
  signatures: readonly Signature[];
  /** The blobs that this device needs of it, in the order of the bundle. */
  blobs: Manifest['blobs'];
}

/** What a bundle has to fit. */
export interface Machine {
  arch: string;
  /** Node version that runs now. */
  runtime: string;
  /** Version of the configuration document that is here. */
  configVersion: number;
}

/** Offers that are remembered; of more the oldest is forgotten. */
const MAX_OFFERS = 8;

/** Reads a manifest. Throws FIRMWARE_INVALID {reason}, FIRMWARE_MISFIT {reason}. Who signed it is not its business. */
export function readOffer(bytes: Uint8Array, signatures: readonly Signature[], machine: Machine): Offer {
  const manifest = parse(bytes);
  const files = filesFor(manifest, machine.arch);
  checkPaths(files.map(({ path }) => path));
  checkFit(manifest, machine);
  const wanted = new Set(files.map(({ blob }) => blob));
  return {
    id: createHash('sha256').update(bytes).digest('hex'),
    bytes,
    manifest,
    signatures,
    blobs: manifest.blobs.filter(({ sha256 }) => wanted.has(sha256)),
  };
}

export class Offers {
  readonly #offers = new Map<string, Offer>();

  keep(offer: Offer): void {
    this.#offers.delete(offer.id);
    this.#offers.set(offer.id, offer);
    const [oldest] = this.#offers.keys();
    if (this.#offers.size > MAX_OFFERS && oldest !== undefined) this.#offers.delete(oldest);
  }

  find(id: string): Offer | null {
    return this.#offers.get(id) ?? null;
  }

  blob(sha256: string): Manifest['blobs'][number] | null {
    for (const offer of this.#offers.values()) {
      const blob = offer.blobs.find((blob) => blob.sha256 === sha256);
      if (blob) return blob;
    }
    return null;
  }

  /** Hashes of all blobs that were offered. */
  get wanted(): Set<string> {
    return new Set([...this.#offers.values()].flatMap(({ blobs }) => blobs.map(({ sha256 }) => sha256)));
  }
}

function parse(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw invalid(`its manifest is ${bytes.length} bytes, ${MAX_MANIFEST_BYTES} at most are allowed`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('its manifest is not JSON');
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw invalid(`its manifest${where}: ${issue?.message ?? 'not as it should be'}`);
}

function checkPaths(paths: readonly string[]): void {
  const files = new Set(paths);
  if (files.has(MANIFEST_NAME)) throw invalid(`no file of it may be called ${MANIFEST_NAME}`);
  for (const path of paths)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      if (files.has(folder) || folder === MANIFEST_NAME)
        throw invalid(`${folder} would be a file and a folder`);
    }
}

function checkFit({ targets, configVersion }: Manifest, machine: Machine): void {
  const target = targets.find(({ arch }) => arch === machine.arch);
  if (!target) {
    const made = targets.map(({ arch }) => arch).join(' and ');
    throw misfit(`it is made for ${made}, this device is ${machine.arch}`);
  }
  if (!target.carriesRuntime && target.runtime !== machine.runtime)
    throw misfit(`it brings no Node.js and needs ${target.runtime}, this device has ${machine.runtime}`);
  if (configVersion !== machine.configVersion)
    throw misfit(
      `it reads configuration version ${configVersion}, this device's has version ${machine.configVersion}`,
    );
}

function invalid(reason: string): MusterError {
  return new MusterError('FIRMWARE_INVALID', reason, { reason });
}

function misfit(reason: string): MusterError {
  return new MusterError('FIRMWARE_MISFIT', reason, { reason });
}
