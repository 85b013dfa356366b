/** Signs bundles and judges them on the laptop; a device judges for itself again. */
import { MusterError } from '../../shared/errors.ts';
import type { Signature } from '../../shared/firmware.ts';
import { checkContent } from './bundle-content.ts';
import { invalid, openBundle, packedBlob, writeBundle, type Bundle } from './bundle-file.ts';
import type { JudgedSignature, Keyring } from './keyring.ts';

/** Adds a signature of the own key `id` to the bundle at `path`, in the place of an older one of that key. */
export async function signBundle(path: string, keyring: Keyring, id: string): Promise<Signature[]> {
  const bundle = await openBundle(path);
  try {
    const { manifest, manifestBytes } = bundle;
    await checkContent(bundle);
    const others = bundle.signatures.filter(({ key }) => key !== id);
    const signatures = [...others, await keyring.sign(id, manifestBytes)];
    const blobs = manifest.blobs.map(({ sha256 }) => ({ sha256, bytes: packedBlob(bundle, sha256) }));
    await writeBundle(path, { manifestBytes, signatures, blobs });
    return signatures;
  } finally {
    await bundle.close();
  }
}

/**
 * Proves a bundle: that it is signed by a key this laptop knows, that no signature of a known key is wrong, and that
 * every content has its hash. Throws FIRMWARE_INVALID, FIRMWARE_UNSIGNED, FIRMWARE_UNTRUSTED, FIRMWARE_DAMAGED; each
 * says which part is not right.
 */
export async function verifyBundle(bundle: Bundle, keyring: Keyring): Promise<JudgedSignature[]> {
  const { path, signatures, manifestBytes } = bundle;
  if (signatures.length === 0)
    throw new MusterError('FIRMWARE_UNSIGNED', `${path} carries no signature`, { path });
  const judged = await keyring.judge(manifestBytes, signatures);
  const wrong = judged.find(({ good }) => good === false);
  if (wrong)
    throw invalid(
      path,
      `the signature of ${wrong.name ?? wrong.key} does not fit its manifest: one of the two was changed`,
    );
  if (!judged.some(({ good }) => good)) {
    const key = judged.map((one) => one.key).join(', ');
    throw new MusterError('FIRMWARE_UNTRUSTED', `${path}: signed by ${key}, unknown here`, {
      device: 'This laptop',
      key,
    });
  }
  await checkContent(bundle);
  return judged;
}
