/**
 * Owner of the device records. Owns: rows, their ids, their presence, what of them is remembered on disk.
 * Others submit evidence (sightings, probe answers, link states, facts); nobody else keeps a row.
 * Refuses: to believe an announcement about trust, to call a device offline for its silence alone.
 * Listeners subscribe to `emit` first, then ask for the snapshot; events carry whole rows.
 * Called by the engine.
 */
import { randomUUID } from 'node:crypto';
import type { DeviceIdentity } from '../../shared/device-contract.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import type { Sighting } from '../discovery/sighting.ts';
import { storedPart, type DeviceStore } from './device-store.ts';
import { claimedId, findRow, isLastingId, sharesAddress } from './merge.ts';
import { presence, type PresenceEvent } from './presence-machine.ts';
import { createProbeQueue, type Probe } from './probe-queue.ts';
import { createRowEvents } from './row-events.ts';
import {
  mergeRows,
  newRow,
  rowFromStored,
  textWithoutTimes,
  withoutAddress,
  withSighting,
  withTyped,
  type Row,
} from './row.ts';

/** The fleet's share of the engine contract's events. */
export interface FleetEvents {
  device: DeviceRecord;
  deviceGone: { id: string };
  deviceRenamed: { from: string; to: string };
}
export type FleetEmit = <K extends keyof FleetEvents>(event: K, payload: FleetEvents[K]) => void;

/** What link, install and archive know better than an announcement. */
export type DevicePatch = Partial<
  Pick<
    DeviceRecord,
    | 'kind'
    | 'mine'
    | 'installed'
    | 'daemonVersion'
    | 'hostname'
    | 'model'
    | 'system'
    | 'arch'
    | 'serial'
    | 'user'
    | 'hostKey'
    | 'link'
    | 'clock'
    | 'clockSetAt'
    | 'sensors'
    | 'newest'
    | 'demo'
  >
>;

export interface FleetOptions {
  clock: Clock;
  store: DeviceStore;
  emit: FleetEmit;
  log: Log;
  probe: Probe;
}

export interface Fleet {
  snapshot(): DeviceRecord[];
  /** The row of an id, also of one that was renamed since. */
  get(id: string): DeviceRecord | null;
  /** Takes in evidence and returns the id of the row it belongs to; null for a goodbye of an unknown device. */
  sighting(sighting: Sighting): string | null;
  /** Probes a typed address, then keeps it. Throws the probe's error and keeps nothing when it fails. */
  addAddress(host: string, port: number): Promise<string>;
  /** Drops a device, its trust and its file. It comes back as a stranger when it is announced again. */
  forget(id: string): Promise<void>;
  /** Throws DEVICE_UNKNOWN. A `link` in it is evidence of presence too. */
  update(id: string, patch: DevicePatch): void;
  /**
   * The daemon has told over a trusted connection who it is: the row gets its lasting id, or joins the row that has
   * it. Returns that id. Throws DEVICE_UNKNOWN, or HOST_KEY_CHANGED when both rows have pinned keys that differ.
   */
  adopt(id: string, identity: DeviceIdentity): string;
  /** A network is gone: what was seen on it only is probed. */
  interfaceLost(name: string): void;
  /** Probes all known devices that have no link. */
  refresh(): void;
  /** Ends timers and waits for files. */
  stop(): Promise<void>;
}

const TICK_MS = 5000;
/** A stranger that has gone is shown as not reachable for so long, then dropped. */
const STRANGER_MS = 600_000;
const MAX_STRANGERS = 1000;
const MAX_RENAMES = 1000;

/** Starts with the devices of the store; those are probed at once. */
export function createFleet({ clock, store, emit, log, probe }: FleetOptions): Fleet {
  const rows = new Map<string, Row>();
  const renamed = new Map<string, string>();
  const saved = new Map<string, string>();
  let cancelTick = () => {};

  const events = createRowEvents(clock, (id) => {
    const row = rows.get(id);
    if (row) emit('device', row.record);
  });

  const probes = createProbeQueue({
    probe,
    log,
    addressesOf: (id) => rows.get(resolve(id))?.record.addresses ?? [],
    onResult(id, result) {
      if (result === 'answered') seen(resolve(id));
      step(resolve(id), { type: result, at: clock.monotonic() });
    },
  });

  for (const device of store.devices) {
    // Whatever told an address then, it is a memory now; typed ones stay typed.
    const addresses = device.addresses.map((address) =>
      address.via === 'mdns' ? { ...address, via: 'remembered' as const, interface: null } : address,
    );
    rows.set(device.id, rowFromStored({ ...device, addresses }, clock.wall()));
    saved.set(device.id, textWithoutTimes(storedPart(rows.get(device.id)!.record)));
  }
  tick();

  function tick(): void {
    for (const [id, row] of rows) {
      const lost = row.presence.lostAt;
      if (!isKept(row.record) && lost !== null && clock.monotonic() - lost > STRANGER_MS) drop(id);
      else step(id, { type: 'tick', pursue: isPursued(row.record), at: clock.monotonic() });
    }
    cancelTick = clock.after(TICK_MS, tick);
  }

  /** Puts a row's new state in place, tells of it, and saves it when a stored part changed. */
  function put(row: Row): void {
    const { id } = row.record;
    const before = rows.get(id);
    rows.set(id, row);
    if (before && before.record === row.record) return;
    const idle = before !== undefined && textWithoutTimes(before.record) === textWithoutTimes(row.record);
    events.changed(id, idle);
    if (!idle) save(row.record);
  }

  function save(record: DeviceRecord): void {
    if (!isKept(record)) return;
    const text = textWithoutTimes(storedPart(record));
    if (saved.get(record.id) === text) return;
    saved.set(record.id, text);
    store.save(storedPart(record)).catch((error: unknown) => {
      saved.delete(record.id);
      log('error', 'a device could not be saved', { id: record.id, error: toMusterError(error).message });
    });
  }

  function step(id: string, event: PresenceEvent): void {
    const row = rows.get(id);
    if (!row) return;
    const { state, actions } = presence(row.presence, event);
    const same = state.presence === row.record.presence;
    put({ ...row, presence: state, record: same ? row.record : { ...row.record, presence: state.presence } });
    if (actions.includes('probe')) probes.add(id);
  }

  function seen(id: string): void {
    const row = rows.get(id);
    if (row) put({ ...row, record: { ...row.record, lastSeen: clock.wall() } });
  }

  function resolve(id: string): string {
    return renamed.get(id) ?? id;
  }

  function need(id: string): Row {
    const row = rows.get(resolve(id));
    if (!row) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device: id });
    return row;
  }

  function drop(id: string): void {
    rows.delete(id);
    saved.delete(id);
    events.forget(id);
    emit('deviceGone', { id });
  }

  /** Moves a row to another id; a row that has that id already takes it in. */
  function rename(from: string, to: string): void {
    const row = rows.get(from)!;
    const lasting = rows.get(to);
    const next = lasting ? mergeRows(lasting, row) : { ...row, record: { ...row.record, id: to } };
    rows.delete(from);
    saved.delete(from);
    events.forget(from);
    if (isKept(row.record)) removeFile(from).catch(() => {});
    for (const [old, target] of renamed) if (target === from) renamed.set(old, to);
    renamed.set(from, to);
    if (renamed.size > MAX_RENAMES) renamed.delete(renamed.keys().next().value!);
    emit('deviceRenamed', { from, to });
    put({ ...next, record: { ...next.record, presence: next.presence.presence } });
  }

  function removeFile(id: string): Promise<void> {
    return store.remove(id).catch((error: unknown) => {
      log('error', 'a device file could not be removed', { id, error: toMusterError(error).message });
      throw error;
    });
  }

  /** Room for one more stranger, at the cost of the one that has been silent for longest. */
  function makeRoom(): void {
    const strangers = [...rows.values()].filter(({ record }) => !isKept(record));
    if (strangers.length < MAX_STRANGERS) return;
    const oldest = strangers.reduce((a, b) => ((a.record.lastSeen ?? 0) <= (b.record.lastSeen ?? 0) ? a : b));
    drop(oldest.record.id);
  }

  function heard(sighting: Sighting): string {
    const claimed = claimedId(sighting);
    let id = findRow(rows.values(), sighting)?.record.id;
    if (id === undefined) {
      makeRoom();
      id = claimed ?? `new-${randomUUID()}`;
      rows.set(id, newRow(id, clock.wall()));
    } else if (claimed !== null && id !== claimed) {
      rename(id, claimed);
      id = claimed;
    }
    for (const [other, row] of rows) {
      if (other === id) continue;
      // A row that was made before the daemon was announced, and that nobody has trusted yet, is this device.
      const twin =
        claimed !== null && !isLastingId(other) && !row.record.hostKey && sharesAddress(row, sighting);
      if (twin) rename(other, id);
      else put(withoutAddress(row, sighting.addresses[0]!, sighting.port, sighting.interface));
    }
    put(withSighting(rows.get(id)!, sighting));
    step(id, { type: 'heard', service: serviceKey(sighting), at: clock.monotonic() });
    return id;
  }

  function reachedAt(hosts: string[], port: number): Row | undefined {
    return [...rows.values()].find(({ record }) =>
      record.addresses.some((known) => hosts.includes(known.host) && known.port === port),
    );
  }

  return {
    snapshot: () => [...rows.values()].map(({ record }) => record),
    get: (id) => rows.get(resolve(id))?.record ?? null,

    sighting(sighting) {
      if (!sighting.goodbye) return heard(sighting);
      const row = findRow(rows.values(), sighting);
      if (row) step(row.record.id, { type: 'goodbye', service: serviceKey(sighting), at: clock.monotonic() });
      return row?.record.id ?? null;
    },

    async addAddress(host, port) {
      const { address } = await probe({ host, port });
      const row = reachedAt([host, address], port) ?? newRow(`new-${randomUUID()}`, clock.wall());
      put(withTyped(row, host, port, clock.wall()));
      seen(row.record.id);
      step(row.record.id, { type: 'answered', at: clock.monotonic() });
      return row.record.id;
    },

    async forget(id) {
      const { record } = need(id);
      drop(record.id);
      if (isKept(record)) await removeFile(record.id);
    },

    update(id, patch) {
      const row = need(id);
      const record = { ...row.record, ...patch };
      if (patch.installed === true) record.kind = 'muster';
      if (patch.installed === false && record.kind === 'muster') record.kind = 'ssh';
      put({ ...row, record });
      if (patch.link) step(record.id, linkEvent(patch.link, clock.monotonic()));
    },

    adopt(id, identity) {
      const from = need(id).record;
      const pinned = rows.get(identity.id)?.record.hostKey;
      if (pinned && from.hostKey && from.id !== identity.id && pinned.sha256 !== from.hostKey.sha256)
        throw new MusterError('HOST_KEY_CHANGED', 'a device with another key has this id', {
          device: identity.id,
          expected: pinned.sha256,
          actual: from.hostKey.sha256,
        });
      if (from.id !== identity.id) rename(from.id, identity.id);
      const { hostname, serial, model, arch, system } = identity;
      const row = rows.get(identity.id)!;
      // `greenhouse` as the daemon says it and `greenhouse.local` as it is announced are one host.
      const announced = row.record.hostname ?? `${hostname.toLowerCase()}.local`;
      put({ ...row, record: { ...row.record, hostname: announced, serial, model, arch, system } });
      return identity.id;
    },

    interfaceLost(name) {
      for (const [id, { record }] of rows) {
        const heardOn = record.addresses.filter(({ via }) => via === 'mdns');
        if (heardOn.length > 0 && heardOn.every((address) => address.interface === name))
          step(id, { type: 'doubt', at: clock.monotonic() });
      }
    },

    refresh() {
      for (const [id, { record }] of rows)
        if (record.addresses.length > 0) step(id, { type: 'doubt', at: clock.monotonic() });
    },

    async stop() {
      cancelTick();
      probes.stop();
      events.stop();
      await store.settled();
    },
  };
}

/** Remembered over a restart: what a person installed, trusted or typed. */
function isKept({ mine, addresses }: DeviceRecord): boolean {
  return mine || addresses.some(({ via }) => via === 'typed');
}

/** Sought while it is silent. A link, where there is one, does its own attempts and tells of them. */
function isPursued(record: DeviceRecord): boolean {
  return isKept(record) && record.link.state === 'off';
}

/** One service of a device on one interface: a goodbye on one link says nothing about the other. */
function serviceKey({ service, interface: on, port }: Sighting): string {
  return `${service} ${port} ${on}`;
}

function linkEvent({ state, error }: DeviceRecord['link'], at: number): PresenceEvent {
  if (state === 'live' || state === 'catching-up') return { type: 'link-up', at };
  const unreachable = error?.code === 'HOST_UNREACHABLE' || error?.code === 'HOST_UNKNOWN';
  return { type: 'link-down', reachable: !unreachable, at };
}
