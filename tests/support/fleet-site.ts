/** A fleet on a fake clock with a real store in a folder of its own, and a network that a test decides on. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDeviceStore } from '../../src/core/fleet/device-store.ts';
import { createFleet, type Fleet, type FleetEvents } from '../../src/core/fleet/fleet.ts';
import type { Sighting } from '../../src/core/discovery/sighting.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { noLog } from '../../src/shared/log.ts';
import { FakeClock } from './fake-clock.ts';
import { musterSighting, sightingOf } from './sightings.ts';

export class FleetSite {
  readonly dir = mkdtempSync(join(tmpdir(), 'muster-fleet-'));
  /** Hosts that answer a probe. */
  readonly reachable = new Set<string>();
  clock = new FakeClock();
  events: [keyof FleetEvents, FleetEvents[keyof FleetEvents]][] = [];
  /** Probes so far, `host:port`. */
  probed: string[] = [];
  fleet: Fleet;

  constructor() {
    this.fleet = this.#start();
  }

  #start(): Fleet {
    this.clock = new FakeClock();
    this.events = [];
    this.probed = [];
    return createFleet({
      clock: this.clock,
      log: noLog,
      store: openDeviceStore(this.dir, noLog),
      emit: (event, payload) => this.events.push([event, payload]),
      probe: ({ host, port }) => {
        this.probed.push(`${host}:${port}`);
        if (this.reachable.has(host)) return Promise.resolve({ address: host });
        return Promise.reject(new MusterError('HOST_UNREACHABLE', 'no answer'));
      },
    });
  }

  /** The box `pump` is heard now, unless told otherwise. */
  see(more: Partial<Sighting> = {}): string {
    return this.fleet.sighting(sightingOf({ at: this.clock.wall(), ...more }))!;
  }

  /** Its daemon is heard now. */
  seeMuster(id: string, more: Partial<Sighting> = {}): string {
    return this.fleet.sighting(musterSighting(id, { at: this.clock.wall(), ...more }))!;
  }

  /** Ends the fleet and starts another on the same folder. */
  async restart(): Promise<void> {
    await this.fleet.stop();
    this.fleet = this.#start();
  }

  /** Files of the store once all is written; the fleet is ended. */
  async files(): Promise<string[]> {
    await this.fleet.stop();
    return readdirSync(this.dir);
  }

  /** Throws when the fleet leaves a timer behind. */
  async end(): Promise<void> {
    await this.fleet.stop();
    rmSync(this.dir, { recursive: true, force: true });
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers outlive the fleet`);
  }
}
