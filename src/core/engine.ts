/**
 * The engine: a laptop's whole Muster without a face. Owns the order in which its parts start and stop, and joins
 * them by evidence: discovery and links tell the fleet, links feed the archive and the live charts.
 * Refuses: windows, words for people, anything that is not behind the engine contract. Shells call it.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FirmwareFile } from '../shared/campaign.ts';
import type { DeviceRecord, EngineContract, Job } from '../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { Handlers } from '../shared/peer.ts';
import type { Clock } from '../shared/time.ts';
import type * as z from 'zod';
import { openArchive } from './archive/archive.ts';
import { createDemoFleet } from './demo-fleet.ts';
import { startDiscovery, type Discovery } from './discovery/discovery.ts';
import { probeSsh } from './discovery/probe.ts';
import { createCampaigns } from './firmware/campaigns.ts';
import { inspectFirmware } from './firmware/inspect-firmware.ts';
import { openKeyring } from './firmware/keyring.ts';
import { firmwareTarget } from './firmware/targets.ts';
import { openDeviceStore } from './fleet/device-store.ts';
import { createFleet } from './fleet/fleet.ts';
import { configurationHandlers } from './handlers/configuration.ts';
import { dataHandlers } from './handlers/data.ts';
import { demoHandlers, forgetDemo } from './handlers/demo.ts';
import { firmwareHandlers } from './handlers/firmware.ts';
import { fleetHandlers } from './handlers/fleet.ts';
import { installHandlers } from './handlers/install.ts';
import { nervesHandlers } from './handlers/nerves.ts';
import { outputHandlers } from './handlers/outputs.ts';
import { publisherHandlers } from './handlers/publishers.ts';
import { scanHandlers } from './handlers/scan.ts';
import { createSessions, type InstallSession } from './install-sessions.ts';
import { createJobs } from './jobs/jobs.ts';
import { createDeviceLinks } from './link/device-links.ts';
import { openPipe } from './link/open-pipe.ts';
import { LiveFeeds } from './live/live-feeds.ts';
import type { Places } from './places.ts';
import { openSettings } from './settings.ts';
import type { Programs } from './programs.ts';
import { connectDevice } from './ssh/connect-device.ts';
import type { SshConnection } from './ssh/connection.ts';
import { configuredTarget } from './ssh/ssh-config.ts';
import { ensureOwnKey } from './ssh/own-key.ts';

type Events = { [K in keyof EngineContract['events']]: z.input<EngineContract['events'][K]> };
/** Gets every event of the engine contract. */
export type EngineListener = <K extends keyof Events>(name: K, payload: Events[K]) => void;

export interface EngineOptions {
  places: Places;
  programs: Programs;
  clock: Clock;
  log: Log;
  /** Look for devices and link to those of the site; false for a command that only wants the records. */
  watch: boolean;
  /** Socket of an SSH agent. */
  agent: string | undefined;
  /** False: this laptop's time is offered to nobody, whatever the settings say. */
  mayOfferTime?: boolean;
  /** Go on with pushes to devices of this site that no other engine carries out; as `watch` unless told. */
  campaigns?: boolean;
}

/** What a shell holds. */
export interface Engine {
  readonly handlers: Handlers<EngineContract>;
  /** Adds a listener of all events; the returned function takes it away. */
  subscribe(listener: EngineListener): () => void;
  /** The ended job. Throws JOB_UNKNOWN. */
  jobEnded(job: string): Promise<Job>;
  /** Settles when the device's link is live; throws the link's error when it is refused, TIMEOUT after `ms`. */
  linked(device: string, ms?: number): Promise<void>;
  /** True once all that the device holds now is in the archive, false when that took longer than `ms`. */
  caughtUp(device: string, ms: number): Promise<boolean>;
  /** Ends all links: the archive stands still. */
  stopLinks(): Promise<void>;
  /** Pulls the cable of a virtual device, by its number from 0. */
  cutDemo(index: number): void;
  close(): Promise<void>;
}

const PROBE_MS = 4000;
const LINK_MS = 15_000;

/** Opens the site and starts what `watch` asks for. Throws ARCHIVE_NEWER, ARCHIVE_FAILED, KEY_FILE_BAD. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { agent, places, programs, clock, log, watch } = options;
  await mkdir(places.site, { recursive: true, mode: 0o700 });
  const ownKey = await ensureOwnKey(places.config);
  const settings = openSettings(join(places.config, 'settings.json'), log, options.mayOfferTime ?? true);
  const archive = await openArchive(join(places.site, 'archive.db'), { clock, log });
  const listeners = new Set<EngineListener>();
  const emit: EngineListener = (name, payload) => {
    for (const listener of listeners) listener(name, payload);
  };

  const demo = createDemoFleet({
    program: programs.demo,
    clock,
    log,
    onLost() {
      forgetDemo({ fleet, links }).catch((error: Error) =>
        log('error', 'demo devices stay', { error: error.message }),
      );
    },
  });
  const jobs = createJobs({ clock, emit: (row) => emit('job', row) });
  const feeds = new LiveFeeds(clock);
  const store = openDeviceStore(join(places.site, 'devices'), log);
  const fleet = createFleet({
    clock,
    store,
    log,
    emit(name, payload) {
      if (name === 'device') reviewed(payload as DeviceRecord);
      emit(name, payload as never);
    },
    async probe(typed) {
      const { host, port } = await configuredTarget(typed);
      return probeSsh({ host, port, timeoutMs: PROBE_MS, clock });
    },
  });
  /** A new connection to a device of the site, by its pinned key and this laptop's own. */
  function connect(record: DeviceRecord, signal: AbortSignal): Promise<SshConnection> {
    const login = { user: record.user ?? '' };
    const credentials = { ownKey: ownKey.privateKey, agent, login, confirmed: null };
    return connectDevice(record, credentials, { signal, log });
  }
  const links = createDeviceLinks({
    fleet,
    archive,
    clock,
    log,
    open: async (record, signal) => openPipe(await connect(record, signal), signal),
    onNews(device, { channels, corrected }) {
      for (const channel of channels) emit('channel', channel);
      if (!corrected) return;
      moved(device).catch((error: unknown) =>
        log('warn', 'charts were not told of new times', { device, code: toMusterError(error).code }),
      );
    },
    offersTime: () => settings.offerTime,
    onReadings: (device, readings) => feeds.of(device).push(readings),
    onAhead: (device, readings) => feeds.of(device).ahead(readings),
  });
  let discovery: Discovery | null = null;
  const keyring = openKeyring(places.config);
  const target = (device: string, file: FirmwareFile) => {
    const record = () => {
      const found = fleet.get(device);
      if (!found) throw new MusterError('DEVICE_UNKNOWN', 'it was forgotten', { device });
      return found;
    };
    const input = { record, connect: (signal: AbortSignal) => connect(record(), signal), file, clock, log };
    return firmwareTarget(input, () => keyring.nervesKeys());
  };
  const campaigns = createCampaigns({
    dir: join(places.site, 'campaigns'),
    clock,
    log,
    device: (id) => fleet.get(id),
    inspect: (path) => inspectFirmware(path, keyring),
    target,
    emit: (campaign) => emit('campaign', campaign),
    resume: options.campaigns ?? watch,
  });

  /** Wall times of a device's readings changed: what shells hold of them is wrong. */
  async function moved(device: string): Promise<void> {
    feeds.reset(device);
    // the last reading of each channel has another time
    for (const channel of await archive.channels(device)) emit('channel', channel);
    emit('corrected', { device });
  }

  function reviewed(record: DeviceRecord): void {
    const { devices } = demo.status();
    const virtual = record.addresses.some(({ host, port }) =>
      devices.some((device) => device.port === port && device.host === host),
    );
    if (virtual && !record.demo) fleet.update(record.id, { demo: true });
    if (watch) links.review(record);
    campaigns.review(record);
  }

  if (watch) {
    for (const record of fleet.snapshot()) links.review(record);
    discovery = startDiscovery({
      clock,
      log,
      onSighting: (sighting) => fleet.sighting(sighting),
      onInterfaceLost: (name) => fleet.interfaceLost(name),
    });
  }

  const installSessions = createSessions<InstallSession>(clock);
  const parts = {
    agent,
    archive,
    campaigns,
    clock,
    demo,
    discovery: () => discovery,
    feeds,
    fleet,
    installSessions,
    jobs,
    keyring,
    links,
    log,
    ownKey,
    places,
    programs,
    settings,
    target,
  };
  const handlers: Handlers<EngineContract> = {
    ...fleetHandlers(parts),
    ...installHandlers(parts),
    ...dataHandlers(parts),
    ...demoHandlers(parts),
    ...firmwareHandlers(parts),
    ...nervesHandlers(parts),
    ...outputHandlers(parts),
    ...configurationHandlers(parts),
    ...scanHandlers(parts),
    ...publisherHandlers(parts),
  };

  /** Waits until `done` holds of the device's row; false after `ms`. */
  function until(device: string, ms: number, done: (record: DeviceRecord) => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        const record = fleet.get(device);
        if (record && done(record)) settle(true);
      };
      const settle = (held: boolean) => {
        cancel();
        listeners.delete(look);
        resolve(held);
      };
      const cancel = clock.after(ms, () => settle(false));
      listeners.add(look);
      look();
    });
  }

  return {
    handlers,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    jobEnded: (job) => jobs.ended(job),
    async linked(device, ms = LINK_MS) {
      const settled = ({ link }: DeviceRecord) => link.state === 'live' || link.state === 'refused';
      const held = await until(device, ms, settled);
      if (held && fleet.get(device)?.link.state === 'live') return;
      const why = fleet.get(device)?.link.error;
      const details = { device: fleet.get(device)?.name ?? device };
      if (why) throw new MusterError(why.code, why.message, { ...details, ...why.details });
      throw new MusterError('TIMEOUT', `the device was not reached in ${ms / 1000} s`, details);
    },
    caughtUp: (device, ms) => until(device, ms, ({ link }) => link.state === 'live'),
    stopLinks: () => links.stop(),
    cutDemo: (index) => demo.cut(index),
    async close() {
      discovery?.stop();
      installSessions.close();
      await jobs.close();
      await campaigns.close();
      await links.stop();
      feeds.close();
      await demo.stop();
      await fleet.stop();
      await archive.close();
      listeners.clear();
    },
  };
}
