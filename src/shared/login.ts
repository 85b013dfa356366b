/** Getting into a device over SSH: what a person compares first, and gives then. */
import * as z from 'zod';

/** The fingerprint of a host key, for a person to compare. */
export const fingerprintSchema = z.object({
  /** `SHA256:` and unpadded base64, as ssh-keygen prints it. */
  sha256: z.string().max(60),
  /** ssh-ed25519, … */
  type: z.string().max(60),
  /** The same hash as a few plain words. */
  words: z.string().max(120),
});

/** How to log in. A password is used once and never written down. */
export const loginSchema = z.object({
  user: z.string().min(1).max(64),
  password: z.string().max(1024).optional(),
  keyPath: z.string().max(1024).optional(),
  passphrase: z.string().max(1024).optional(),
});
