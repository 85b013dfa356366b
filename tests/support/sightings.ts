/** Made-up evidence for the fleet. */
import type { Sighting } from '../../src/core/discovery/sighting.ts';

/** A box `pump` with SSH at 10.0.0.7 on eth0, unless told otherwise. */
export function sightingOf(more: Partial<Sighting> = {}): Sighting {
  return {
    service: 'ssh',
    instance: 'pump',
    host: 'pump.local',
    addresses: ['10.0.0.7'],
    port: 22,
    portGuessed: false,
    interface: 'eth0',
    loopback: false,
    txt: {},
    at: 0,
    goodbye: false,
    ...more,
  };
}

/** The `_muster._tcp` announcement of the same box. */
export function musterSighting(id: string, more: Partial<Sighting> = {}): Sighting {
  return sightingOf({ service: 'muster', instance: 'Pump house', txt: { id, v: '1.0.0', p: '1' }, ...more });
}
