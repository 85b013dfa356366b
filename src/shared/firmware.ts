/**
 * The words of firmware, for laptop and device: what a bundle says of itself, and what a device says of its slots.
 *
 * A bundle file is: 8 bytes `MUSTERFW`, u32 little-endian length of the manifest, the manifest (UTF-8 JSON), u32
 * little-endian length of the signatures, the signatures (UTF-8 JSON), then the blobs, zstd-packed, in the order of
 * `manifest.blobs`, without anything between them. What is signed are the manifest's bytes as they stand, after
 * SIGNED_PREFIX; the content is covered through its hashes. Nothing here has a date: trust never reads a clock.
 */
import * as z from 'zod';

/** First bytes of a bundle file. */
export const BUNDLE_MAGIC = 'MUSTERFW';
/** Stands before the manifest's bytes when they are signed, so that a signature is good for nothing else. */
export const SIGNED_PREFIX = 'muster firmware 1\n';
/** Version of the configuration document (`version:` in config.yaml) that this source's daemon reads. */
export const CONFIG_VERSION = 1;
/** Where a bundle carries a station's configuration, and a driver of its own. */
export const CONFIG_PATH = 'config.yaml';
export const driverPath = (id: string): string => `drivers/${id}.mjs`;
/** Native code that the daemon loads where a bus needs it, and where in a slot it lies. */
export const ADDONS = ['i2c.node', 'linux.node'] as const;
export const addonPath = (file: string): string => `addons/${file}`;
/** Bounds against absurd files, bytes. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;
export const MAX_SIGNATURES_BYTES = 64 * 1024;
export const MAX_BLOB_BYTES = 512 * 1024 * 1024;
/**
 * Largest zstd window of a packed blob, as a power of two (RFC 8878, section 3.1.1.1.2): 16 MiB, which is what
 * unpacking takes of a device's memory. Both sides give it to their decoder, which refuses more.
 */
export const WINDOW_LOG = 24;

const text = z.string().min(1).max(200);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const architecture = z.enum(['arm64', 'x64']);

/** Id of a signing key: the first 16 hex digits of SHA-256 over its 32 raw public bytes. */
export const keyIdSchema = z.string().regex(/^[0-9a-f]{16}$/);

/** A public Ed25519 key (RFC 8032) with the name a person gave it. */
export const publicKeySchema = z.object({
  id: keyIdSchema,
  name: text,
  /** 32 raw bytes, base64. */
  key: z.base64().length(44),
});
export type PublicKey = z.infer<typeof publicKeySchema>;

/** A relative POSIX path without `.`, `..`, empty parts, or anything that a shell or a terminal could misread. */
export const bundlePathSchema = z
  .string()
  .max(200)
  .regex(/^(?!\.{1,2}(\/|$))[\w@+.-]+(\/(?!\.{1,2}(\/|$))[\w@+.-]+)*$/);

/** The file that is the daemon, and the file that is its Node runtime, where a bundle carries one. */
export const DAEMON_PATH = 'muster-daemon.mjs';
export const RUNTIME_PATH = 'node';
/** The manifest's own name in a slot: no file of a bundle may have it. */
export const MANIFEST_PATH = 'manifest.json';

export const manifestSchema = z
  .strictObject({
    format: z.literal(1),
    /** What this is firmware for, `muster` or a team's own name. */
    product: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,59}$/),
    version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,59}$/),
    /** Version of the configuration document that this daemon reads. */
    configVersion: z.number().int().min(1),
    targets: z
      .array(
        z.strictObject({
          arch: architecture,
          /** Node version the daemon runs on. */
          runtime: z.string().regex(/^\d+\.\d+\.\d+$/),
          /** True when the files hold the runtime; else the device must have that very one. */
          carriesRuntime: z.boolean(),
        }),
      )
      .min(1)
      .max(2),
    files: z
      .array(
        z.strictObject({
          path: bundlePathSchema,
          executable: z.boolean(),
          /** Null: for every target. */
          arch: architecture.nullable(),
          blob: sha256,
        }),
      )
      .min(1)
      .max(10_000),
    blobs: z
      .array(
        z.strictObject({
          /** Of the content, unpacked. */
          sha256,
          bytes: z.number().int().min(0).max(MAX_BLOB_BYTES),
          /** Bytes in the bundle file, zstd-packed. */
          packed: z.number().int().min(1).max(MAX_BLOB_BYTES),
          /** What was done to the content before it was packed (branch-filter.ts undoes it after unpacking). */
          filter: z.enum(['none', 'arm64']).default('none'),
        }),
      )
      .min(1)
      .max(10_000),
  })
  .superRefine(({ files, blobs, targets }, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const known = new Set(blobs.map((blob) => blob.sha256));
    if (known.size !== blobs.length) issue(['blobs'], 'a blob is listed twice');
    if (new Set(targets.map(({ arch }) => arch)).size !== targets.length)
      issue(['targets'], 'an architecture is listed twice');
    const places = new Set<string>();
    for (const [i, file] of files.entries()) {
      if (!known.has(file.blob)) issue(['files', i, 'blob'], 'its blob is not listed');
      if (file.path === MANIFEST_PATH) issue(['files', i, 'path'], 'that name is the manifest itself');
      for (const { arch } of targets) {
        if (file.arch !== null && file.arch !== arch) continue;
        const place = `${arch}:${file.path}`;
        if (places.has(place)) issue(['files', i, 'path'], 'two files for one path');
        places.add(place);
      }
    }
    for (const [i, { path }] of files.entries())
      if (targets.some(({ arch }) => foldersOf(path).some((folder) => places.has(`${arch}:${folder}`))))
        issue(['files', i, 'path'], 'a file stands where its folder belongs');
    const used = new Set(files.map(({ blob }) => blob));
    for (const [i, blob] of blobs.entries())
      if (!used.has(blob.sha256)) issue(['blobs', i], 'no file is made of it');
    for (const { arch, carriesRuntime } of targets) {
      if (!places.has(`${arch}:${DAEMON_PATH}`)) issue(['files'], `no ${DAEMON_PATH} for ${arch}`);
      if (carriesRuntime !== places.has(`${arch}:${RUNTIME_PATH}`))
        issue(['files'], `${RUNTIME_PATH} for ${arch} and carriesRuntime disagree`);
    }
  });

/** `a/b/c` → `a`, `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}
export type Manifest = z.infer<typeof manifestSchema>;

/** One signature over SIGNED_PREFIX and the manifest. */
export const signatureSchema = z.strictObject({
  key: keyIdSchema,
  /** 64 raw bytes, base64. */
  signature: z.base64().length(88),
});
export type Signature = z.infer<typeof signatureSchema>;
export const signaturesSchema = z.array(signatureSchema).max(64);

/** A place for firmware on a device. `factory` is the first installation, never written again. */
export const slotNameSchema = z.enum(['a', 'b', 'factory']);
export type SlotName = z.infer<typeof slotNameSchema>;

/** What lies in a slot. `manifest`: sha256 of the manifest's bytes; null for what the installer placed. */
export const slotSchema = z.object({
  slot: slotNameSchema,
  product: text,
  version: text,
  runtime: text,
  manifest: sha256.nullable(),
});
export type Slot = z.infer<typeof slotSchema>;

/** How far a device is with a trial: what is fulfilled and what it still waits for, in words. */
export const trialSchema = z.object({
  slot: slotNameSchema,
  version: text,
  manifest: sha256.nullable(),
  /** Demands of the health gate, in the order they are shown. */
  gates: z
    .array(z.object({ id: z.string().max(40), title: text, met: z.boolean(), detail: text.nullable() }))
    .max(20),
  /** Ms until it is rolled back unless it is confirmed before. */
  remainingMs: z.number(),
});
export type Trial = z.infer<typeof trialSchema>;

/** What a device says of its firmware. */
export const firmwareStateSchema = z.object({
  running: slotNameSchema,
  slots: z.array(slotSchema).max(3),
  /** Null when the running slot is confirmed. */
  trial: trialSchema.nullable(),
  /** How the last change ended. Kept over restarts. */
  last: z
    .object({
      /** Manifest, version and slot of what was tried, or of what a person went back to. */
      manifest: sha256.nullable(),
      version: text,
      outcome: z.enum(['confirmed', 'rolled-back']),
      /** In words: `the sensor outside did not read`, `it ended 2 times right after its start`. */
      reason: z.string().max(500),
    })
    .nullable(),
  /** Whose bundles are taken; none: all are refused. */
  keys: z.array(publicKeySchema).max(64),
  revoked: z.array(keyIdSchema).max(1000),
});
export type FirmwareState = z.infer<typeof firmwareStateSchema>;
