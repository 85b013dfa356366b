/** The catalog as a scan of an I2C bus wants it: addresses, and how each chip tells who it is. */
import type { Clock } from '../../src/shared/time.ts';
import type { Candidate } from '../bus/scan.ts';
import { askIdentity, type Driver } from './driver.ts';

/** One row a driver on I2C, in the catalog's order. */
export function candidates(catalog: readonly Driver[], clock: Clock): Candidate[] {
  return catalog.flatMap(({ id, title, bus, addresses, identity }) =>
    bus === 'i2c'
      ? [
          {
            id,
            title,
            addresses,
            isThere: identity
              ? async (bus, address) => identity.is(await askIdentity(bus, address, identity, clock))
              : null,
          },
        ]
      : [],
  );
}
