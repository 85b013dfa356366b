/** The device page in a real browser, under the real policy, with a make-believe engine. */
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { MusterError } from '../../../src/shared/errors.ts';
import { createFakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { pageBench } from '../../support/page-bench.ts';

const NOW = Date.now();
const DEVICE = installedDevice(bareDevice('d1', 'greenhouse-1', NOW), NOW);

/** True when some pixel of the canvas has the colour of the token, give or take its smoothed edges. */
function hasColour(canvas: Locator, token: string): Promise<boolean> {
  return canvas.evaluate((element, name) => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels =
      (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const wanted = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3] === 255 && wanted.every((part, c) => Math.abs((pixels[i + c] ?? 0) - part) < 24))
        return true;
    return false;
  }, token);
}

describe.skipIf(!need('chromium'))('the device page', () => {
  const bench = pageBench({ keep: true });
  const queries: { from: number; to: number; pixels: number }[] = [];
  let engine: FakeEngine;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    engine = createFakeEngine({ devices: [DEVICE] });
    const query = engine.handlers['series.query'];
    engine.handlers['series.query'] = (input) => {
      queries.push(input);
      return query(input);
    };
    ({ page, troubles } = await bench.open(engine, {
      theme: 'light',
      place: { name: 'device', device: 'd1' },
    }));
    await page.locator('.u-over').first().waitFor();
  }, 120_000);

  const over = () => page.locator('.u-over').first();
  const when = () => page.getByTestId('shown').innerText();

  it('shows the newest value of a channel, and it moves on', async () => {
    const number = page.locator('output').nth(2);
    const first = await number.innerText();
    expect(first).toMatch(/^10[01],\d{3}$/);
    await expect.poll(() => number.innerText(), { timeout: 10_000 }).not.toBe(first);
  });

  it('draws the line in the colour of its channel', async () => {
    await expect.poll(() => hasColour(page.locator('.uplot canvas').first(), '--series-1')).toBe(true);
    await expect.poll(() => hasColour(page.locator('.uplot canvas').nth(1), '--series-2')).toBe(true);
  });

  it('asks for as many pixels as the canvas has across', async () => {
    const width = await over().evaluate((element) => element.clientWidth * devicePixelRatio);
    expect(queries.map(({ pixels }) => pixels)).toContain(Math.round(width));
  });

  it('says the value under the pointer on every chart, and when that was', async () => {
    const box = await over().boundingBox();
    await page.mouse.move(box!.x + box!.width * 0.6, box!.y + 40);
    await expect.poll(when).toMatch(/^At the cursor.*ago$/);
    const legends = await page.locator('figcaption').allInnerTexts();
    expect(legends[0]).toMatch(/\d+\.\d.*°C$/);
    expect(legends[1]).toMatch(/\d+\.\d.*%$/);
  });

  it('zooms into a dragged stretch, asks for it, and steps back on a double click', async () => {
    const box = await over().boundingBox();
    const y = box!.y + 40;
    await page.mouse.move(box!.x + box!.width * 0.4, y);
    await page.mouse.down();
    await page.mouse.move(box!.x + box!.width * 0.6, y, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(5, 5);
    await expect.poll(when).toMatch(/^(?:59|60|1)\s(?:s|min).*ended/);
    await expect.poll(() => queries.some(({ from, to }) => Math.abs(to - from - 60_000) < 1500)).toBe(true);
    await over().dblclick({ position: { x: 50, y: 30 } });
    await page.mouse.move(5, 5);
    await expect.poll(when).toMatch(/^Last 5\smin/);
  });

  it('is driven by keys alone', async () => {
    await page.getByRole('tab', { name: 'Charts' }).focus();
    await page.locator('[data-paper]').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(when).toMatch(/ended/);
    await page.keyboard.press('l');
    await expect.poll(when).toMatch(/^Last 5\smin/);
    await page.keyboard.press('-');
    await expect.poll(when).toMatch(/^Last 10\smin/);
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(when).toMatch(/^At the cursor/);
    await page.keyboard.press('Escape');
    await expect.poll(when).toMatch(/^Last 5\smin/);
  });

  it('says why there is nothing while the pointer is over a gap', async () => {
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await expect.poll(when).toMatch(/^Last 1\sh/);
    const box = await over().boundingBox();
    await page.mouse.move(box!.x + box!.width * (1 - 38.5 / 60), box!.y + 40);
    await expect
      .poll(() => page.locator('figcaption').first().innerText())
      .toContain('The device was off or restarting.');
    await page.mouse.move(5, 5);
    await page.getByRole('button', { name: '5 min' }).click();
  });

  it('redraws in the colours of another theme', async () => {
    await page.evaluate(() => (document.documentElement.dataset['theme'] = 'dark'));
    await expect.poll(() => hasColour(page.locator('.uplot canvas').first(), '--series-1')).toBe(true);
    await page.evaluate(() => (document.documentElement.dataset['theme'] = 'light'));
  });

  it('tells sensors and the tree', async () => {
    await page.getByRole('tab', { name: 'Sensors' }).click();
    await expect
      .poll(() => page.getByRole('table', { name: 'Sensors' }).innerText())
      .toContain('Air by the door');
    await page.getByRole('tab', { name: 'Tree' }).click();
    await expect
      .poll(() => page.getByRole('table', { name: 'Supervision tree' }).innerText())
      .toContain('Running');
    await page.getByRole('tab', { name: 'Charts' }).click();
  });

  it('asks before a branch is restarted, and tells what became of it', async () => {
    engine.setDevice({ ...DEVICE, sensors: { ok: 5, total: 6 } });
    await page.getByRole('tab', { name: 'Tree' }).click();
    const air = page.getByRole('row').filter({ hasText: /^air/ });
    await expect
      .poll(() => air.innerText())
      .toMatch(/Restarting[\s\S]*14 ●●●[\s\S]*in \d.*[\s\S]*Nothing answers/);
    await page.getByRole('button', { name: 'Actions for sensors' }).click();
    await page.getByRole('menuitem', { name: 'Restart this branch…' }).click();
    await expect
      .poll(() => page.getByRole('form').innerText())
      .toContain('Restart sensors and the 6 children below it?');
    await page.getByRole('button', { name: 'Restart sensors' }).click();
    await expect.poll(() => air.innerText()).toContain('Running');
    expect(await page.getByRole('form').count()).toBe(0);
    engine.setDevice(DEVICE);
  });

  it('takes a sensor out and puts it back', async () => {
    const soil = page.getByRole('row').filter({ hasText: /^soil/ });
    const choose = async (item: string) => {
      await page.getByRole('button', { name: 'Actions for soil' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await choose('Take this sensor out…');
    await page.getByRole('button', { name: 'Leave it' }).click();
    await choose('Take this sensor out…');
    await page.getByRole('button', { name: 'Take soil out' }).click();
    await expect.poll(() => soil.innerText()).toContain('Taken out');
    await choose('Put it back…');
    await page.getByRole('button', { name: 'Put soil back' }).click();
    await expect.poll(() => soil.innerText()).toContain('Running');
  });

  it('says what stood in the way of a restart', async () => {
    const restart = engine.handlers['device.restartBranch'];
    engine.handlers['device.restartBranch'] = () => {
      throw new MusterError('REFUSED', 'x', { reason: 'the journal holds on' });
    };
    await page.getByRole('button', { name: 'Actions for journal' }).click();
    await page.getByRole('menuitem', { name: 'Restart this branch…' }).click();
    await page.getByRole('button', { name: 'Restart journal' }).click();
    await expect
      .poll(() => page.getByRole('alert').innerText())
      .toContain('greenhouse-1 does not do that: the journal holds on.');
    await page.getByRole('button', { name: 'Leave it' }).click();
    engine.handlers['device.restartBranch'] = restart;
  });

  it('says that a device is in safe mode and lets a person leave it', async () => {
    engine.enterSafeMode('d1');
    const notice = page.getByRole('status', { name: 'Safe mode' });
    await expect
      .poll(() => notice.innerText(), { timeout: 10_000 })
      .toMatch(/greenhouse-1 is in safe mode: its sensors are off\.\s+The daemon died 5 times in a row/);
    await notice.getByRole('button', { name: 'Switch the sensors on again' }).click();
    await expect.poll(() => notice.count()).toBe(0);
    expect(await page.locator('body').innerText()).toMatch(/Watchdog\s+armed, 15 s/);
    await page.getByRole('tab', { name: 'Charts' }).click();
  });

  it('says what the device still has to hand over, and what stands in the way', async () => {
    const text = () => page.locator('body').innerText();
    engine.setDevice({ ...DEVICE, link: { ...DEVICE.link, state: 'catching-up', behind: 1240 } });
    await expect.poll(text).toContain('1,240 batches to go');
    const error = { code: 'CONNECTION_LOST' as const, message: 'cut', details: {}, retryable: true };
    const nextAttemptAt = Date.now() + 60_000;
    engine.setDevice({ ...DEVICE, link: { ...DEVICE.link, state: 'waiting', nextAttemptAt, error } });
    await expect.poll(text).toMatch(/Next attempt in (?:5\d|60|1)\s(?:s|min)/);
    engine.setDevice({ ...DEVICE, link: { ...DEVICE.link, state: 'refused', error } });
    await expect.poll(text).toContain('Refused');
    engine.setDevice(DEVICE);
    await expect.poll(text).not.toContain('Refused');
  });

  it('offers to install where nothing is installed and nothing was recorded', async () => {
    engine.setDevice(bareDevice('t2', 'weather-mast', NOW));
    await page.getByText('weather-mast').first().click();
    await expect.poll(() => page.getByRole('button', { name: 'Install on weather-mast' }).count()).toBe(1);
    await page.getByText('greenhouse-1').first().click();
    await over().waitFor();
  });

  it('goes on by itself after the engine was gone', async () => {
    engine.cut();
    const number = page.locator('output').nth(2);
    const before = await number.innerText();
    await expect.poll(() => number.innerText(), { timeout: 15_000 }).not.toBe(before);
  });

  it('pulls no more once the device is left', async () => {
    let pulls = 0;
    const pull = engine.handlers['series.pull'];
    engine.handlers['series.pull'] = (input) => {
      pulls++;
      return pull(input);
    };
    const since = () => {
      const count = pulls;
      pulls = 0;
      return count;
    };
    await expect.poll(() => pulls, { timeout: 10_000 }).toBeGreaterThan(1);
    await page
      .getByRole('button', { name: /^Muster/ })
      .first()
      .click();
    await expect.poll(() => page.locator('.uplot').count()).toBe(0);
    // the engine answers a pull every second, so a page that still pulls is seen in each of these looks
    await expect.poll(since, { interval: 2500, timeout: 15_000 }).toBe(0);
  });

  it('gave the browser nothing to complain about', () => {
    // reading pixels back is the test's own doing
    expect(troubles.filter((one) => !one.includes('getImageData'))).toEqual([]);
  });
});
