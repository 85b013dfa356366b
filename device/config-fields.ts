/** Fields that several parts of the configuration have, each with its words for what is wrong. */
import * as z from 'zod';

export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be 1 to 60 letters, digits, dots, dashes or underscores')
  .meta({ title: 'Short name' });
export const title = z
  .string()
  .min(1)
  .max(80)
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'must not hold control characters');
/** 7-bit I2C addresses that are not reserved (UM10204 section 3.1.12). */
export const address = z
  .number()
  .int()
  .min(0x08)
  .max(0x77)
  .meta({ description: 'Of the chip on its I2C bus, as 0x76 or 118.' });

export const hostMode = z.enum(['process', 'thread', 'inline']).meta({
  title: 'Drivers run in',
  description: 'A process or a thread for each bus, or the daemon itself, which then shares their faults.',
});
export const memoryMb = z.number().int().min(80).max(65_536).meta({
  title: 'Memory of one host',
  description: 'Resident for a process (an idle one takes about 65 MB), heap and buffers for a thread.',
});
