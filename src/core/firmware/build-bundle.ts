/**
 * Makes a bundle of files: one manifest, each content once, in an order that depends on nothing but the content.
 * The same files give the same bytes. Refuses: dates, names of machines, signatures of its own (sign-bundle.ts).
 */
import type { RuntimeArch } from '../install/runtime-pin.ts';
import type { Manifest, Signature } from '../../shared/firmware.ts';
import { pack, type Content, type PackedBlob } from './bundle-content.ts';
import { writeBundle } from './bundle-file.ts';

/** A file of the firmware; `arch` null: for every target. */
export interface BundleInput {
  path: string;
  executable: boolean;
  arch: RuntimeArch | null;
  content: Content;
}

export interface BundleRequest {
  product: string;
  version: string;
  configVersion: number;
  targets: Manifest['targets'];
  files: readonly BundleInput[];
  /** Packs one content; the default packs in memory. */
  packer?: (content: Content) => Promise<PackedBlob>;
  /** Signs the manifest; default: nobody. */
  sign?: (manifestBytes: Uint8Array) => Promise<Signature[]>;
}

/** Writes the bundle to `out`. Throws FIRMWARE_INVALID for files that make no bundle, EXPORT_PATH_UNWRITABLE. */
export async function buildBundle(out: string, request: BundleRequest): Promise<void> {
  const { product, version, configVersion, packer = pack } = request;
  const contents = new Map(request.files.map(({ content }) => [content.sha256, content]));
  const blobs: PackedBlob[] = [];
  for (const sha256 of [...contents.keys()].toSorted())
    blobs.push(await packer(contents.get(sha256) as Content));
  const files = request.files
    .map(({ path, executable, arch, content }) => ({ path, executable, arch, blob: content.sha256 }))
    .toSorted((a, b) => compare(a.path, b.path) || compare(a.arch ?? '', b.arch ?? ''));
  const targets = request.targets
    .map(({ arch, runtime, carriesRuntime }) => ({ arch, runtime, carriesRuntime }))
    .toSorted((a, b) => compare(a.arch, b.arch));
  const manifest: Manifest = {
    format: 1,
    product,
    version,
    configVersion,
    targets,
    files,
    blobs: blobs.map(({ entry }) => entry),
  };
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  const signatures = (await request.sign?.(manifestBytes)) ?? [];
  await writeBundle(out, { manifestBytes, signatures, blobs });
}

/** By code unit: the same on every machine, whatever its language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
