/** The product's discovery on loopback alone: no packet leaves this machine. */
import { networkInterfaces } from 'node:os';
import { startDiscovery, type Discovery } from '../../src/core/discovery/discovery.ts';
import type { Sighting } from '../../src/core/discovery/sighting.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';

/** The system's loopback interfaces, without the others. */
export function loopbackOnly(): ReturnType<typeof networkInterfaces> {
  return Object.fromEntries(
    Object.entries(networkInterfaces()).filter(([, infos = []]) => infos.some(({ internal }) => internal)),
  );
}

/** Starts it; `sightings` grows as evidence comes in. */
export function discoverOnLoopback(onSighting: (sighting: Sighting) => void = () => {}): {
  discovery: Discovery;
  sightings: Sighting[];
} {
  const sightings: Sighting[] = [];
  const discovery = startDiscovery({
    clock: realClock,
    log: noLog,
    interfaces: loopbackOnly,
    onSighting(sighting) {
      sightings.push(sighting);
      onSighting(sighting);
    },
  });
  return { discovery, sightings };
}
