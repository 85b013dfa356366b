/** A page in Debian's Chromium that is watched: whatever it logs as an error, breaks or asks of others is kept. */
import { chromium, type Browser, type Page } from 'playwright-core';

/** Chromium without a graphics card, its own sandbox (tests may be root) or calls home. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

export interface WatchedPage {
  page: Page;
  /** Errors and warnings of the console, uncaught errors, violations of the policy, requests to other hosts. */
  troubles: string[];
}

/** Opens `url` in a context of its own. `ui` is what an earlier window left behind. */
export async function openPage(browser: Browser, url: string, ui: object = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host) troubles.push(`request: ${request.url()}`);
  });
  await page.exposeFunction('reportViolation', (text: string) => troubles.push(`policy: ${text}`));
  await page.addInitScript((state) => {
    // Only the first load: a reload is a restart of the window.
    if (!sessionStorage.getItem('opened')) localStorage.setItem('muster.ui', JSON.stringify(state));
    sessionStorage.setItem('opened', 'yes');
    const report = (window as unknown as { reportViolation: (text: string) => void }).reportViolation;
    document.addEventListener('securitypolicyviolation', (event) =>
      report(`${event.violatedDirective} ${event.blockedURI}`),
    );
  }, ui);
  await page.goto(url);
  return { page, troubles };
}
