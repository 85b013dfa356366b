/** The page under a scheme of its own: our built files, the strict policy, nothing else of the disk. */
import { protocol } from 'electron';
import { readPage } from '../core/page-files.ts';

/** Where the page lives. */
export const PAGE_URL = 'muster://app/';

/** Makes the scheme a proper origin; has to be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'muster', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Answers `muster://app/…` from `folder`, read once. */
export function servePage(folder: string): void {
  const page = readPage(folder, []);
  protocol.handle('muster', (request) => {
    const url = new URL(request.url);
    const file = url.host === 'app' && request.method === 'GET' ? page.get(url.pathname) : undefined;
    return file
      ? new Response(new Uint8Array(file.body), { headers: file.headers })
      : new Response('There is nothing here.', { status: 404 });
  });
}
