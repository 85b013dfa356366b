/** The part of the device contract that is about what hangs on its buses, whether or not anybody has configured it. */
import * as z from 'zod';
import type { Contract } from './peer.ts';

const text = z.string().max(200);

/** A bus: of the configuration, or one that the machine has and nobody has configured. */
export const busSchema = z.object({
  /** Name in the configuration; for a bus that is not in it, one that is free there. */
  bus: text,
  /** As in the configuration: `i2c`, `w1`. */
  kind: text,
  /** The kernel's file of the bus, null where it has none. */
  device: text.nullable(),
  configured: z.boolean(),
});
export type BusRow = z.infer<typeof busSchema>;

/** A sensor as the configuration names it, as far as a document needs it to go on measuring. */
export const plainSensorSchema = z.object({
  id: text,
  name: text,
  driver: text,
  options: z.record(z.string(), z.unknown()),
});
export type PlainSensor = z.infer<typeof plainSensorSchema>;

/** Something that answers. */
export const foundSchema = z.object({
  /** Where on its bus: `0x76`, `28-0316a2797f3c`. */
  place: text,
  /**
   * What it may be, in the catalog's order; none where nobody knows a chip for that place, or where it was not asked
   * because it measures. `sure`: it said so itself, and no other kind would have said the same.
   */
  chips: z
    .array(
      z.object({
        driver: text,
        title: text,
        sure: z.boolean(),
        /** What a sensor there has to be told besides its place; left out: nothing. */
        options: z.record(text, z.unknown()).optional(),
      }),
    )
    .max(50),
  /** Who has it for himself, in words, so that it was not asked; null: nobody. */
  heldBy: text.nullable(),
  /** The sensors that are configured for this place. */
  sensors: z.array(z.object({ sensor: text, name: text, driver: text })).max(100),
});
export type Found = z.infer<typeof foundSchema>;

/** What a look at a bus brought. */
export const busLookSchema = z.object({
  found: z.array(foundSchema).max(1000),
  /** Why there is nothing to see on such a bus, or what to bear in mind; null: nothing to say. */
  note: z.string().max(500).nullable(),
});
export type BusLook = z.infer<typeof busLookSchema>;

export const deviceScanCalls = {
  /**
   * The buses that are configured, then those that the machine has beside them. `byItself`: what it measures because
   * its document names no sensors, null where it names some; a document that begins to name sensors ends those.
   */
  buses: {
    input: z.object({}),
    output: z.object({
      buses: z.array(busSchema).max(1000),
      byItself: z.array(plainSensorSchema).max(10_000).nullable(),
    }),
  },
  /**
   * Looks who answers on a bus of that list, by its name or its file; asks nothing that could harm. Sensors go on
   * measuring meanwhile. Throws BUS_MISSING, BUS_STUCK, TIMEOUT, HOST_FAILED.
   */
  scanBus: { input: z.object({ bus: text }), output: busLookSchema.extend({ bus: busSchema }) },
} satisfies Contract['calls'];

export type BusScan = z.infer<(typeof deviceScanCalls)['scanBus']['output']>;
