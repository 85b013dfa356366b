/** A simulated chip select of an SPI bus: at most one chip, and a wire that floats high where there is none. */
import type { Clock } from '../../src/shared/time.ts';
import type { SpiBus } from '../bus/spi-bus.ts';
import { simMcp3008 } from './chips/mcp3008.ts';
import { plugIn, wrong, type ChipConfig } from './plug.ts';
import { overTheWire, type ChipMaker, type Disturbable, type SpiFace } from './sim-chip.ts';

const CHIPS: Readonly<Record<string, ChipMaker<SpiFace>>> = {
  mcp3008: simMcp3008,
};

export interface SimSpi extends SpiBus {
  chip(): (Disturbable & SpiFace) | undefined;
}

/** Makes the bus as configured. Throws CONFIG_INVALID naming what is not known, and for a second chip. */
export function createSimSpi(id: string, chips: readonly ChipConfig[], clock: Clock): SimSpi {
  if (chips.length > 1) throw wrong(`buses.${id}.chips`, 'one chip select selects one chip');
  const [chip] = plugIn(id, chips, CHIPS, (make, config) => make(config, clock));
  return {
    kind: 'spi',
    id,
    chip: () => chip,
    async transfer(bytes) {
      if (!chip || chip.knobs.unplugged) return new Uint8Array(bytes.length).fill(0xff);
      if (chip.knobs.hanging) await new Promise<never>(() => {});
      return overTheWire(chip.transfer(bytes), bytes.length, chip.knobs);
    },
  };
}
