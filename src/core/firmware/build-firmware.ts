/**
 * `muster firmware build`: the product's own daemon, or a team's project around it, as one signed bundle.
 * Owns: which files go in. Refuses: a firmware whose own daemon would refuse its configuration or drivers.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  ADDONS,
  addonPath,
  CONFIG_VERSION,
  DAEMON_PATH,
  RUNTIME_PATH,
  type Signature,
} from '../../shared/firmware.ts';
import { RUNTIME_VERSION, type RuntimeArch } from '../install/runtime-pin.ts';
import { nodeRuntime } from '../install/runtime.ts';
import type { Places } from '../places.ts';
import type { Programs } from '../programs.ts';
import { buildBundle, type BundleInput } from './build-bundle.ts';
import { contentOf, pack, packCached, runtimeContent, type Content } from './bundle-content.ts';
import { checkFirmware } from './check-firmware.ts';
import { readProject } from './firmware-project.ts';

export interface BuildOptions {
  /** A team's project; null: the product's own daemon. */
  dir: string | null;
  architectures: readonly RuntimeArch[];
  withRuntime: boolean;
  /** Null: a name made of product, version and architecture, in the working folder. */
  out: string | null;
  programs: Pick<Programs, 'daemon' | 'assets'>;
  places: Pick<Places, 'cache'>;
  sign: (manifestBytes: Uint8Array) => Promise<Signature[]>;
  signal?: AbortSignal | undefined;
  /** Lines for a person. */
  onProgress?: ((line: string) => void) | undefined;
}

export interface BuiltFirmware {
  path: string;
  /** What the daemon says of sensors that will fail as configured. */
  warnings: string[];
}

const NO_PROJECT = { product: 'muster', files: [] };

/** Builds. Throws BAD_INPUT, CONFIG_INVALID, DRIVER_BROKEN, RUNTIME_UNAVAILABLE, EXPORT_PATH_UNWRITABLE, CANCELLED. */
export async function buildFirmware(options: BuildOptions): Promise<BuiltFirmware> {
  const { dir, architectures, withRuntime, programs, sign } = options;
  const project =
    dir === null ? { ...NO_PROJECT, version: programs.daemon.version } : await readProject(resolve(dir));
  const { product, version } = project;
  const files: BundleInput[] = [
    {
      path: DAEMON_PATH,
      executable: false,
      arch: null,
      content: contentOf(await readFile(programs.daemon.path)),
    },
    ...project.files,
  ];
  const warnings = await checkFirmware(files);
  for (const arch of architectures)
    for (const addon of ADDONS) {
      const bytes = await readFile(join(programs.assets, 'addons', arch, addon));
      files.push({ path: addonPath(addon), executable: false, arch, content: contentOf(bytes) });
    }
  if (withRuntime)
    for (const arch of architectures)
      files.push({ path: RUNTIME_PATH, executable: true, arch, content: await runtime(arch, options) });
  const out = resolve(options.out ?? `${product}-${version}-${architectures.join('-')}.mfw`);
  await buildBundle(out, {
    product,
    version,
    configVersion: CONFIG_VERSION,
    targets: architectures.map((arch) => ({ arch, runtime: RUNTIME_VERSION, carriesRuntime: withRuntime })),
    files,
    packer: (content) => packed(content, options),
    sign,
  });
  return { path: out, warnings };
}

async function runtime(arch: RuntimeArch, { places, signal }: BuildOptions): Promise<Content> {
  return runtimeContent(await nodeRuntime({ arch, cacheDir: places.cache, signal }));
}

/** What is larger than this is packed once and kept, bytes. */
const LARGE = 16 * 1024 * 1024;

function packed(content: Content, { places, signal, onProgress }: BuildOptions) {
  if (content.bytes < LARGE) return pack(content, { signal });
  let told = 0;
  return packCached(content, places.cache, {
    signal,
    onProgress(taken) {
      const tenth = Math.floor((taken / content.bytes) * 10);
      if (tenth <= told) return;
      told = tenth;
      onProgress?.(`Packing the runtime, once for all: ${tenth * 10} %`);
    },
  });
}
