/**
 * `npm run lab:pi3`: an emulated Raspberry Pi 3 B as a device, and the command line as a person uses it: install, measure with
 * a thermometer on the header's I2C bus, switch a pin, put a wrong clock right, uninstall. Kernel, its drivers and the
 * arm64 addons are the real ones; chips and board are QEMU's. Slow: half an hour, and as much again once for the image.
 */
import { join } from 'node:path';
import { uninstall } from './common-steps.ts';
import { laidRuntime } from './pi3-runtime.ts';
import { layCard, missingForPi3, pi3, pi3Image } from './pi3-image.ts';
import { board, clock, install, output, qmpOf, scan, thermometer } from './pi3-steps.ts';
import { runLab, say } from './run-lab.ts';

await runLab({
  name: 'pi3',
  missing: missingForPi3(),
  async build(folder) {
    const image = pi3Image(say);
    const card = join(folder, 'card.img');
    layCard(image, card, await laidRuntime());
    return { hardware: pi3(image, card, qmpOf(folder)), key: image.key };
  },
  steps: { board, install, thermometer, scan, output, clock, uninstall },
});
