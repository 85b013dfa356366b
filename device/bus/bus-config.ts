/**
 * The buses of a configuration, a shape for each kind. Owns: what each kind wants, and the words when it is wrong.
 * Refuses: to open anything (device/sensors/buses.ts and the outputs' process do). A new kind is one entry here.
 */
import * as z from 'zod';
import { address, hostMode, id, memoryMb } from '../config-fields.ts';

const common = {
  id,
  /** What is different for the host of this bus. */
  host: z.strictObject({ mode: hostMode.optional(), memoryMb: memoryMb.optional() }).optional(),
};

/** A bus that is a file of the kernel's; `like`: what its path looks like. */
function kernelFile<K extends string>(kind: K, path: RegExp, like: string) {
  const error = `must be like ${like} for a bus of kind ${kind}`;
  return z.strictObject({
    ...common,
    kind: z.literal(kind),
    /** The kernel's file of the bus. */
    device: z.string({ error }).max(60).regex(path, error),
  });
}

/** A bus of simulated chips; each one's knobs are checked by the chip. */
function simulated<K extends string>(kind: K) {
  return z.strictObject({
    ...common,
    kind: z.literal(kind),
    chips: z
      .array(z.looseObject({ chip: id, address: address.optional() }))
      .max(112)
      .default([]),
  });
}

const KINDS = [
  kernelFile('i2c', /^\/dev\/i2c-\d{1,3}$/, '/dev/i2c-1'),
  kernelFile('spi', /^\/dev\/spidev\d{1,3}\.\d{1,3}$/, '/dev/spidev0.0'),
  kernelFile('gpio', /^\/dev\/gpiochip\d{1,3}$/, '/dev/gpiochip0'),
  // the kernel's 1-Wire bus
  z.strictObject({ ...common, kind: z.literal('w1') }),
  // simulated chips on I2C
  simulated('sim'),
  simulated('sim-spi'),
  simulated('sim-gpio'),
  simulated('sim-w1'),
] as const;

const NAMES = KINDS.map(({ shape }) => shape.kind.value).join(', ');

/** One bus, told by its `kind`. */
export const busSchema = z.discriminatedUnion('kind', KINDS, {
  error: ({ input }) => {
    const kind = (input as { kind?: unknown } | null)?.kind;
    return kind === undefined ? `needs a kind, one of ${NAMES}` : `must be one of ${NAMES}`;
  },
});
export type BusConfig = z.infer<typeof busSchema>;
