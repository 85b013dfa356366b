/** Bundles for tests: small files in, a signed bundle file out, in milliseconds. */
import { generateKeyPairSync } from 'node:crypto';
import { buildBundle, type BundleInput } from '../../src/core/firmware/build-bundle.ts';
import { contentOf } from '../../src/core/firmware/bundle-content.ts';
import { namedKey, signManifest, type RawKeyPair } from '../../src/core/firmware/signature.ts';
import { RUNTIME_VERSION } from '../../src/core/install/runtime-pin.ts';
import { DAEMON_PATH, RUNTIME_PATH, type PublicKey } from '../../src/shared/firmware.ts';

/** A signing key that lives in a test only. */
export interface TestKey {
  publicKey: PublicKey;
  pair: RawKeyPair;
}

export function testKey(name = 'test key'): TestKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const pair = { publicKey: Buffer.from(x, 'base64url'), seed: Buffer.from(d, 'base64url') };
  return { publicKey: namedKey(name, pair.publicKey), pair };
}

export interface TestBundle {
  /** By path; a daemon of a few bytes is added where there is none. A file called `node` makes it carry a runtime. */
  files?: Record<string, string | Uint8Array>;
  product?: string;
  version?: string;
  configVersion?: number;
  arch?: ('arm64' | 'x64')[];
  runtime?: string;
  /** Who signs it; nobody: unsigned. */
  keys?: readonly TestKey[];
}

/** Writes a bundle to `path`. */
export async function writeTestBundle(path: string, bundle: TestBundle = {}): Promise<void> {
  const { product = 'muster', version = '9.9.9', configVersion = 1, keys = [] } = bundle;
  const { arch: architectures = ['arm64', 'x64'], runtime = RUNTIME_VERSION } = bundle;
  const files = { [DAEMON_PATH]: 'export {};\n', ...bundle.files };
  const inputs = Object.entries(files).map(([name, content]): BundleInput => ({
    path: name,
    executable: name === RUNTIME_PATH,
    arch: null,
    content: contentOf(Buffer.from(content)),
  }));
  const carriesRuntime = RUNTIME_PATH in files;
  await buildBundle(path, {
    product,
    version,
    configVersion,
    targets: architectures.map((arch) => ({ arch, runtime, carriesRuntime })),
    files: inputs,
    sign: (manifestBytes) => Promise.resolve(keys.map(({ pair }) => signManifest(manifestBytes, pair))),
  });
}
