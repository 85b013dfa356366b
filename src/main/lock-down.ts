/** Switches off what a page of ours never needs: navigation, new windows, webviews, permissions. */
import { session, type App } from 'electron';
import { PAGE_URL } from './page-protocol.ts';

/** True for addresses of our own page. */
export function isOwnPage(url: string): boolean {
  return url === PAGE_URL || url.startsWith(PAGE_URL);
}

/** Applies the rules to every web contents that is ever made. */
export function lockDown(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
  app.on('ready', () => {
    session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
      answer(permission === 'clipboard-sanitized-write'),
    );
    session.defaultSession.setPermissionCheckHandler(
      (_contents, permission) => permission === 'clipboard-sanitized-write',
    );
  });
}
