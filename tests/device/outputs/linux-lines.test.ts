/** The daemon's outputs on a GPIO chip of Linux: driven, brought to their safe level when the lease ends. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonBundle, TestPrefix } from '../../support/daemon-process.ts';
import { need } from '../../support/need.ts';
import { ASSETS } from '../../support/test-device.ts';
import { until } from '../../support/until.ts';

const CONFIG = `
version: 1
buses: [{ id: gpiochip0, kind: gpio, device: /dev/gpiochip0 }]
sensors: []
outputs: [{ id: valve, kind: gpio, bus: gpiochip0, line: 5 }]
`;

async function slot(): Promise<string> {
  const path = await daemonBundle();
  mkdirSync(join(dirname(path), 'addons'), { recursive: true });
  copyFileSync(join(ASSETS, 'addons', process.arch, 'linux.node'), join(dirname(path), 'addons/linux.node'));
  return path;
}

describe.skipIf(!need('gcc'))('an output on a GPIO chip of Linux', { timeout: 60_000 }, () => {
  it('is driven, and falls safe when its lease ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-gpio-'));
    const library = join(folder, 'lines.so');
    const source = join(import.meta.dirname, '../../support/gpio-lines.c');
    execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl']);
    const prefix = new TestPrefix({ LD_PRELOAD: library, MUSTER_GPIO: folder }, slot);
    const level = () => {
      try {
        return readFileSync(join(folder, '5'), 'utf8');
      } catch {
        return '';
      }
    };
    try {
      prefix.config(CONFIG);
      await prefix.run();
      const client = await prefix.connect();
      await until(() => level() === '0', 'the safe level at the start');
      await client.call.setOutput({ output: 'valve', value: 1, forMs: 1500, by: 'ann' });
      expect(level()).toBe('1');
      await until(() => level() === '0', 'the safe level after the lease');
      client.close();
    } finally {
      await prefix.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
