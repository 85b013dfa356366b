/** The built page as responses: only files that were there at the start, under a strict policy. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { contentPolicy } from './content-policy.ts';
import { MusterError } from '../shared/errors.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** One file of the page. */
export interface PageFile {
  body: Buffer;
  headers: Record<string, string>;
}

/** URL paths of all files below `folder`. Walks by hand: Electron's archives know no globbing. */
function urlsBelow(folder: string, url: string): string[] {
  return readdirSync(join(folder, url), { withFileTypes: true }).flatMap((entry) => {
    const below = `${url}/${entry.name}`;
    return entry.isDirectory() ? urlsBelow(folder, below) : [below];
  });
}

/**
 * Reads the page in `folder` into memory, by URL path (`/`, `/assets/x.js`). `connect`: what else than its own
 * origin the page may talk to. Throws INTERNAL when it is not built.
 */
export function readPage(folder: string, connect: string[]): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const url of urlsBelow(folder, '')) {
    const path = join(folder, url);
    files.set(url === '/index.html' ? '/' : url, {
      body: readFileSync(path),
      headers: {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'content-security-policy': contentPolicy(connect),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': url.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
      },
    });
  }
  if (!files.has('/'))
    throw new MusterError('INTERNAL', `there is no page in ${folder}: run "npm run build"`);
  return files;
}
