/**
 * The buses of a configuration, a shape for each kind. Owns: what each kind wants, and the words when it is wrong.
 * Refuses: to open anything (device/sensors/buses.ts and the outputs' process do). A new kind is one entry here.
 */
import * as z from 'zod';
import { address, hostMode, id, memoryMb } from '../config-fields.ts';
import { brokerFields } from './mqtt/broker-fields.ts';
import { lineFields } from './serial/line-settings.ts';

const common = {
  id,
  host: z
    .strictObject({ mode: hostMode.optional(), memoryMb: memoryMb.optional() })
    .optional()
    .meta({ title: 'Process of its drivers', description: 'What is different for this bus.' }),
};

/** A bus that is a file of the kernel's; `like`: what its path looks like. */
function kernelFile<K extends string>(kind: K, path: RegExp, like: string) {
  const error = `must be like ${like} for a bus of kind ${kind}`;
  return z.strictObject({
    ...common,
    kind: z.literal(kind),
    device: z
      .string({ error })
      .max(60)
      .regex(path, error)
      .meta({
        title: 'File of the bus',
        description: `Its file in Linux, as ${like}.`,
        examples: [like],
      }),
  });
}

const timeoutMs = z
  .number()
  .int()
  .min(20)
  .max(5000)
  .meta({ title: 'Time to answer', description: 'How long a Modbus unit has for its answer.' });
/** A machine on the network, by name or address. */
const machine = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9:]([A-Za-z0-9.:_-]*[A-Za-z0-9.:])?$/, 'must be the name or the address of a machine')
  .meta({
    title: 'Host',
    description: 'Name or address of the device, or of the gateway to a line of them.',
  });

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
  // a device that prints lines, most often 9600 baud, 8 bits, no parity, 1 stop bit
  z.strictObject({
    ...common,
    kind: z.literal('serial'),
    ...lineFields({ baud: 9600, parity: 'none' }),
  }),
  // unless told as the standard has it (MODBUS over Serial Line V1.02, sections 2.5.1 and 3.2): 19200 baud, even parity
  z.strictObject({
    ...common,
    kind: z.literal('modbus-rtu'),
    ...lineFields({ baud: 19_200, parity: 'even' }),
    timeoutMs: timeoutMs.default(500),
  }),
  // port 502 is Modbus' own (MODBUS Messaging on TCP/IP V1.0b, section 4.3.1.1)
  z.strictObject({
    ...common,
    kind: z.literal('modbus-tcp'),
    address: machine,
    port: z.number().int().min(1).max(65_535).default(502),
    timeoutMs: timeoutMs.default(1000),
  }),
  // devices that say on a broker what they measure
  z.strictObject({ ...common, kind: z.literal('mqtt'), ...brokerFields }),
  // simulated chips on I2C
  simulated('sim'),
  simulated('sim-spi'),
  simulated('sim-gpio'),
  simulated('sim-w1'),
  simulated('sim-serial'),
  simulated('sim-modbus'),
  simulated('sim-mqtt'),
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
