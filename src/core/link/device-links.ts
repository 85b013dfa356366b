/**
 * One link for every device of the site that can have one. Owns: starting and ending links as the records change,
 * the way from a record to a pipe over SSH, and what a link tells about its device.
 * Refuses: devices without a pinned key or a lasting id. Called by the engine.
 */
import { hostname } from 'node:os';
import type { DeviceStatus } from '../../shared/device-contract.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Pipe } from '../../shared/pipe.ts';
import type { Clock } from '../../shared/time.ts';
import type { Archive } from '../archive/archive.ts';
import type { ReadingColumns } from '../archive/reading-columns.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { isLastingId } from '../fleet/merge.ts';
import type { News } from '../ingest/ingest.ts';
import { startLink, type Link, type TimeOffered } from './link.ts';

/** How often a live device is asked how its sensors do. */
const STATUS_MS = 10_000;
/** How often the time of a device's newest reading is told to the fleet. */
const NEWEST_MS = 2000;

export interface DeviceLinksOptions {
  fleet: Fleet;
  archive: Archive;
  clock: Clock;
  log: Log;
  /** Makes a pipe to a record's daemon. */
  open: (record: DeviceRecord, signal: AbortSignal) => Promise<Pipe>;
  onNews: (device: string, news: News) => void;
  onReadings: (device: string, readings: ReadingColumns) => void;
  /** The newest readings of a device that is far behind; null: all is committed. */
  onAhead: (device: string, readings: ReadingColumns | null) => void;
  /** True to offer this laptop's time to devices whose clock nobody has set. Asked at each connection. */
  offersTime: () => boolean;
}

export interface DeviceLinks {
  /** Looks at a record that is new or changed: starts, retries or ends its link. */
  review(record: DeviceRecord): void;
  /** The link of a device. Throws NOT_INSTALLED, or the reason why it is not connected. */
  live(device: string): Link;
  /** Offers a device this laptop's time, whoever set its clock. Throws as `live` does, UNSUPPORTED. */
  offerTime(device: string): Promise<TimeOffered>;
  /** Ends the link of one device and keeps it ended until `release`. */
  hold(device: string): Promise<void>;
  release(device: string): void;
  stop(): Promise<void>;
}

interface Entry {
  /** Null only while the link is being started: its first state is told before it is handed out. */
  link: Link | null;
  presence: DeviceRecord['presence'];
  cancelStatus: () => void;
  newestToldAt: number;
}

/** True when a device can be linked to: trusted, installed, known by its own id, with somewhere to connect to. */
function linkable(record: DeviceRecord): boolean {
  const { id, mine, installed, hostKey, user, addresses } = record;
  return mine && installed && hostKey !== null && user !== null && addresses.length > 0 && isLastingId(id);
}

/** A keeper without links; `review` fills it. */
export function createDeviceLinks(options: DeviceLinksOptions): DeviceLinks {
  const { fleet, archive, clock, log } = options;
  const entries = new Map<string, Entry>();
  const held = new Set<string>();
  let stopped = false;

  function known(device: string): DeviceRecord {
    const record = fleet.get(device);
    if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device });
    return record;
  }

  /** What a device made of this laptop's time, for the log and the row. */
  function timeOffered({ id, name }: DeviceRecord, { verdict, clock: source, movedMs }: TimeOffered): void {
    const taken = verdict === 'taken';
    log(
      taken ? 'info' : 'warn',
      taken ? 'the device took the time of this laptop' : 'the time was not taken',
      {
        device: name,
        verdict,
        movedMs: Math.round(movedMs),
      },
    );
    fleet.update(id, taken ? { clock: source, clockSetAt: clock.wall() } : { clock: source });
  }

  function start(record: DeviceRecord): void {
    const device = record.id;
    const tell = (patch: Parameters<Fleet['update']>[1]) => {
      if (fleet.get(device)) fleet.update(device, patch);
    };
    const entry: Entry = {
      link: null,
      presence: record.presence,
      cancelStatus: () => {},
      newestToldAt: -Infinity,
    };
    entries.set(device, entry);
    const link = startLink({
      device,
      archive,
      clock,
      log,
      open: (signal) => options.open(known(device), signal),
      onState: (state) => tell({ link: state }),
      onHello(hello) {
        fleet.adopt(device, hello.device);
        tell({ daemonVersion: hello.daemonVersion, clock: hello.clock });
        entry.cancelStatus();
        entry.cancelStatus = clock.after(0, askStatus);
      },
      get offerTime() {
        return options.offersTime() ? (offered: TimeOffered) => timeOffered(known(device), offered) : null;
      },
      onNews(news) {
        options.onNews(device, news);
        if (!news.corrected) return;
        // the newest reading may lie earlier than it was told to, and the clock's source is another
        archive.newest(device).then(
          (newest) => tell({ newest }),
          (error: unknown) => log('warn', 'no newest reading', { device, code: toMusterError(error).code }),
        );
        entry.cancelStatus();
        entry.cancelStatus = clock.after(0, askStatus);
      },
      onAhead: (readings) => options.onAhead(device, readings),
      onReadings(readings) {
        options.onReadings(device, readings);
        if (clock.monotonic() - entry.newestToldAt < NEWEST_MS) return;
        entry.newestToldAt = clock.monotonic();
        tell({ newest: Math.max(known(device).newest ?? 0, readings.t.at(-1) ?? 0) });
      },
    });
    const askStatus = () => {
      entry.cancelStatus = clock.after(STATUS_MS, askStatus);
      if (link.state.state !== 'live' && link.state.state !== 'catching-up') return;
      link.call.status({}).then(
        (status) => tell({ sensors: sensorsOf(status), clock: status.clock }),
        (error: unknown) => log('debug', 'no status', { device, code: toMusterError(error).code }),
      );
    };
    entry.link = link;
  }

  async function end(device: string): Promise<void> {
    const entry = entries.get(device);
    if (!entry) return;
    entries.delete(device);
    entry.cancelStatus();
    await entry.link?.stop();
  }

  return {
    review(record) {
      if (stopped) return;
      const entry = entries.get(record.id);
      const wanted = linkable(record) && !held.has(record.id);
      if (!wanted) void end(record.id);
      else if (!entry) start(record);
      else {
        const back = record.presence === 'nearby' && entry.presence !== 'nearby';
        entry.presence = record.presence;
        if (back && entry.link?.state.state === 'waiting') entry.link.retry();
      }
    },
    live(device) {
      const record = known(device);
      const entry = entries.get(record.id);
      if (!entry?.link)
        throw new MusterError('NOT_INSTALLED', 'there is no link to this device', { device: record.name });
      return entry.link;
    },
    async offerTime(device) {
      const { call } = this.live(device);
      const asked = clock.monotonic();
      await call.clock({});
      const roundTripMs = Math.min(clock.monotonic() - asked, 60_000);
      const offered = await call.offerTime({ wallMs: clock.wall(), roundTripMs, by: hostname() });
      timeOffered(known(device), offered);
      return offered;
    },
    async hold(device) {
      held.add(device);
      await end(device);
    },
    release(device) {
      held.delete(device);
      const record = fleet.get(device);
      if (record) this.review(record);
    },
    async stop() {
      stopped = true;
      await Promise.all([...entries.keys()].map(end));
    },
  };
}

function sensorsOf({ sensors }: DeviceStatus): { ok: number; total: number } {
  return { ok: sensors.filter(({ state }) => state === 'ok').length, total: sensors.length };
}
