/** Builds the page into dist/renderer: only files of our own, no inline script, so that the strict policy holds. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = new URL('../..', import.meta.url).pathname;

// There is one kind of page. A build asked for by a test run would else carry React's development code.
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: `${root}renderer`,
  base: './',
  plugins: [react()],
  build: {
    outDir: `${root}dist/renderer`,
    emptyOutDir: true,
    target: 'chrome130',
    minify: true,
    // An inlined asset would be a data: URL, and the preload polyfill an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
