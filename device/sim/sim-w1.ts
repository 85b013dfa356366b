/**
 * A simulated 1-Wire bus as the kernel would show it: the text of a device's files. A conversion takes its time, and the
 * text says what the kernel found of the checksum (kernel: drivers/w1/slaves/w1_therm.c).
 */
import * as z from 'zod';
import type { Clock } from '../../src/shared/time.ts';
import { silent, type W1Bus } from '../bus/w1-bus.ts';
import { simDs18b20 } from './chips/ds18b20.ts';
import { plugIn, type ChipConfig } from './plug.ts';
import { overTheWire, type ChipMaker, type Disturbable, type W1Face } from './sim-chip.ts';

const CHIPS: Readonly<Record<string, ChipMaker<W1Face>>> = {
  ds18b20: simDs18b20,
};

const romSchema = z.looseObject({
  rom: z.string().regex(/^[0-9a-f]{2}-[0-9a-f]{12}$/, 'must be like 28-0316a2797f3c'),
});

export interface SimW1 extends W1Bus {
  chip(device: string): (Disturbable & W1Face) | undefined;
}

/** Makes the bus as configured; each chip has a `rom`. Throws CONFIG_INVALID naming what is not known. */
export function createSimW1(id: string, chips: readonly ChipConfig[], clock: Clock): SimW1 {
  const byRom = new Map(
    plugIn(id, chips, CHIPS, (make, config) => {
      const { rom, ...rest } = romSchema.parse(config);
      return [rom, make(rest, clock)] as const;
    }),
  );
  return {
    kind: 'w1',
    id,
    chip: (device) => byRom.get(device),
    async devices() {
      return [...byRom].flatMap(([rom, chip]) => (chip.knobs.unplugged ? [] : [rom]));
    },
    async read(device, file) {
      const chip = byRom.get(device);
      if (!chip || chip.knobs.unplugged || file !== 'w1_slave') throw silent(id, device);
      if (chip.knobs.hanging) await new Promise<never>(() => {});
      await new Promise<void>((resolve) => clock.after(chip.conversionMs, resolve));
      const bytes = overTheWire(chip.scratchpad(), 9, chip.knobs);
      const crc = chip.checksum(bytes.subarray(0, 8));
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const found = `crc=${crc.toString(16).padStart(2, '0')} ${crc === bytes[8] ? 'YES' : 'NO'}`;
      const raw = (((bytes[1] ?? 0) << 24) >> 16) | (bytes[0] ?? 0);
      return `${hex} : ${found}\n${hex} t=${Math.trunc((raw * 1000) / 16)}`;
    },
  };
}
