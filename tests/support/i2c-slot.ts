/** The daemon with the addon of Linux' I2C beside it, as a slot has them. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { daemonBundle } from './daemon-process.ts';
import { ASSETS } from './test-device.ts';

/** Path of the bundle. */
export async function i2cSlot(): Promise<string> {
  const path = await daemonBundle();
  const addon = join(dirname(path), 'addons/i2c.node');
  mkdirSync(dirname(addon), { recursive: true });
  copyFileSync(join(ASSETS, 'addons', process.arch, 'i2c.node'), addon);
  return path;
}
