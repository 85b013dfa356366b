/** What a file of browser tests needs once: the built page and Chromium. To be called within its `describe`. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { ensureBuilt, ROOT } from '../../src/build/build.ts';
import type { FakeEngine } from './fake-engine.ts';
import { launchChromium, openPage, type WatchedPage } from './open-page.ts';
import { readPageFiles, servePage, type PageFiles } from './page-server.ts';

interface PageBench {
  /** A page over an engine; `ui` is what an earlier window left behind. */
  open(engine: Pick<FakeEngine, 'serve'>, ui?: object): Promise<WatchedPage>;
}

/** Pages are closed after each test, or with `keep` after the last: for tests that go on where the one before ended. */
export function pageBench({ keep = false } = {}): PageBench {
  const closers: (() => Promise<unknown>)[] = [];
  let browser: Browser;
  let files: PageFiles;

  async function closeAll(): Promise<void> {
    for (const close of closers.splice(0)) await close();
  }

  beforeAll(async () => {
    await ensureBuilt('renderer');
    files = readPageFiles(join(ROOT, 'dist/renderer'));
    browser = await launchChromium();
  }, 120_000);
  afterEach(async () => {
    if (!keep) await closeAll();
  });
  afterAll(async () => {
    await closeAll();
    await browser?.close();
  });

  return {
    async open(engine, ui = {}) {
      const server = await servePage(files, engine);
      closers.unshift(() => server.close());
      const watched = await openPage(browser, server.url, ui);
      closers.unshift(() => watched.page.context().close());
      return watched;
    },
  };
}

/** Keeps a picture for whoever looks at them, in the folder that MUSTER_PICTURES names. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['MUSTER_PICTURES'];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}
