/** The built parts an engine hands out or starts: the daemon bundle, the web page, the demo fleet. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { MusterError } from '../shared/errors.ts';

const manifestSchema = z.object({
  daemon: z.object({ file: z.string(), version: z.string(), sha256: z.string() }),
});

/** Where the built parts are, absolute. */
export interface Programs {
  /** One ESM file that is the whole daemon, with the version and sha256 (hex) it was built with. */
  daemon: { path: string; version: string; sha256: string };
  /** Folder with index.html. */
  renderer: string;
  /** Folder with the systemd unit and the supervising script. */
  assets: string;
  /** How to start the demo fleet's process. */
  demo: { command: string; args: string[] };
}

/**
 * Finds the programs of a checkout or a package at `root`. Throws INTERNAL when they have not been built.
 * `MUSTER_NODE` names the Node to run the demo fleet with where this process is not a plain Node (Electron).
 */
export function findPrograms(root: string): Programs {
  const dist = join(root, 'dist');
  let manifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')));
  } catch (cause) {
    throw new MusterError('INTERNAL', `nothing is built in ${dist}: run "npm run build"`, {}, cause);
  }
  return {
    daemon: { ...manifest.daemon, path: join(dist, manifest.daemon.file) },
    renderer: join(dist, 'renderer'),
    assets: join(root, 'assets'),
    demo: {
      command: process.env['MUSTER_NODE'] ?? process.execPath,
      args: [join(dist, 'demo', 'main.js')],
    },
  };
}
