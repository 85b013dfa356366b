/**
 * Measures the charts in headless Chromium with the product's own modules, without a GPU: many series live at 10 Hz,
 * and millions of readings onto 1,000 pixels.
 * `node tests/bench/chart.ts [--series 100] [--points 600] [--seconds 8] [--readings 20000000]`; one line of JSON.
 */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '100' },
    points: { type: 'string', default: '600' },
    seconds: { type: 'string', default: '8' },
    readings: { type: 'string', default: '20000000' },
  },
});
const [series, points, seconds, readings] = [
  Number(values.series),
  Number(values.points),
  Number(values.seconds),
  Number(values.readings),
];
const CHROMIUM = process.env['MUSTER_CHROMIUM'] ?? '/usr/bin/chromium';
if (!existsSync(CHROMIUM)) {
  process.stderr.write(
    `There is no browser at ${CHROMIUM}. Install Chromium or set MUSTER_CHROMIUM to one.\n`,
  );
  process.exit(1);
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}

const root = new URL('../..', import.meta.url).pathname;
const server = await createServer({
  configFile: false,
  root,
  cacheDir: join(tmpdir(), 'muster-bench-vite'),
  logLevel: 'error',
  server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
});
await server.listen();
if (!server.httpServer) throw new Error('the server has no port');
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.on('pageerror', (error) => process.stderr.write(`${error.stack ?? error.message}\n`));
  const { port } = server.httpServer.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/tests/bench/chart-page.html`);
  await page.waitForFunction(() => window.bench !== undefined);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? Number.NaN;
  };
  // once short, so that code is compiled and the chart exists when the clock starts
  await page.evaluate(([count, rows]) => window.bench?.live(count, rows, 1), [series, points] as const);
  const before = await busy();
  const live = await page.evaluate(([count, rows, length]) => window.bench?.live(count, rows, length), [
    series,
    points,
    seconds,
  ] as const);
  const share = (await busy()) - before;
  const decimation = await page.evaluate(([count, times]) => window.bench?.decimation(count, times), [
    readings,
    5,
  ] as const);
  if (!live || !decimation) throw new Error('the page has no bench');
  if (!decimation.extremesKept) throw new Error('a smallest or largest reading was lost');
  process.stdout.write(
    `${JSON.stringify({
      bench: 'chart',
      series,
      points,
      draws: live.draws,
      drawMs: { p50: round(live.drawP50), p95: round(live.drawP95) },
      frameMsP95: round(live.frameP95),
      fps: round(live.fps),
      mainThreadShare: round(share / seconds),
      readings,
      decimateMs: round(decimation.ms),
    })}\n`,
  );
} finally {
  await browser.close();
  await server.close();
}
