/** A simulated device on a serial line that prints what it measures, a line twice a second: `temperature,humidity`. */
import type { Clock } from '../../src/shared/time.ts';
import { busMissing } from '../bus/bus.ts';
import type { SerialBus } from '../bus/serial/serial-bus.ts';
import { plugIn, wrong, type ChipConfig } from './plug.ts';
import { defineChip, type ChipMaker, type Disturbable } from './sim-chip.ts';

interface Printer {
  line(): string;
}

const printer = defineChip<Printer>(
  { temperature: { mean: 18, swing: 6, noise: 0.1 }, humidity: { mean: 55, swing: 15, noise: 0.5 } },
  (world) => ({
    line: () => `${world.now('temperature').toFixed(2)},${world.now('humidity').toFixed(2)}\r\n`,
  }),
);

const PRINTERS: Readonly<Record<string, ChipMaker<Printer>>> = { printer };
const EVERY_MS = 500;

export interface SimSerial extends SerialBus {
  chip(): Disturbable | undefined;
}

/** Makes the line with the one device at its other end. Throws CONFIG_INVALID naming what is not known. */
export function createSimSerial(id: string, chips: readonly ChipConfig[], clock: Clock): SimSerial {
  if (chips.length > 1) throw wrong(`buses.${id}.chips`, 'a serial line has one device at its other end');
  const [chip] = plugIn(id, chips, PRINTERS, (make, config) => make(config, clock));
  return {
    kind: 'serial',
    id,
    chip: () => chip,
    async listen(onBytes, onGone) {
      if (!chip || chip.knobs.unplugged) throw busMissing(id);
      let lines = 0;
      let cancel = clock.after(EVERY_MS, print);
      function print(): void {
        if (!chip || chip.knobs.unplugged) return onGone(busMissing(id));
        cancel = clock.after(EVERY_MS, print);
        const { hanging, nackEvery } = chip.knobs;
        // a line that is lost on its way
        const isLost = nackEvery > 0 && ++lines % nackEvery === 0;
        if (!hanging && !isLost) onBytes(Buffer.from(chip.line()));
      }
      return { close: () => cancel() };
    },
  };
}
