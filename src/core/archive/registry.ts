/** The archive's rows of devices, runs and channels: who measured, when its clock started, what an index means. */
import type { CalibrationInfo, ChannelInfo, ClockSource, Cursor, RunInfo } from '../../shared/reading.ts';
import type { Channel } from '../../shared/engine-contract.ts';
import type { Database } from './database.ts';

/** A device as the archive knows it. `id` is the archive's number, `name` the device's lasting id. */
export interface DeviceRow {
  id: number;
  name: string;
  epoch: number;
  cursor: Cursor | null;
}

/** One run. Wall ms of a reading = offsetMs + its us / 1000. */
export interface RunRow {
  id: number;
  device: number;
  epoch: number;
  run: number;
  offsetMs: number;
  clock: ClockSource;
  /** First and last reading, us on the run's clock; null before the first. */
  t0: number | null;
  t1: number | null;
}

/** A channel's part in one run. */
export interface RunChannelRow {
  run: RunRow;
  index: number;
  channel: number;
  periodMs: number;
  /** Hot batches up to here are in chunks. */
  sealed: number;
  /** How its values were corrected in this run, as JSON; null: not at all. */
  calibration: string | null;
}

/** What `noteRuns` changed. */
export interface Noted {
  /** Channels that are new, or whose declaration changed. */
  channels: Channel[];
  /** Runs whose wall time moved by over a second, or is believed otherwise: what was drawn from them is not so now. */
  corrected: number[];
  /** True when the device's journal began anew and everything in it is fetched again. */
  restarted: boolean;
}

/** Offsets beyond this (years 1938 to 2255) are no clock at all, and dates of them would not print. */
const MAX_OFFSET_MS = 9e12;
const MIN_OFFSET_MS = -1e12;
/** A stated offset trembles by the resolution of two clocks; below this a row is not rewritten. */
const OFFSET_NOISE_MS = 2;
const CORRECTED_MS = 1000;

/** The device's row, if it ever delivered. */
export function findDevice(db: Database, name: string): DeviceRow | null {
  const row = db.get('SELECT id, name, epoch, cursor_run, cursor_batch FROM device WHERE name = ?', name);
  if (!row) return null;
  const [id, text, epoch, run, batch] = row as [number, string, number, number | null, number | null];
  return { id, name: text, epoch, cursor: run === null ? null : { run, batch: batch ?? 0 } };
}

/** The device's row, made when it is new. Within a write. */
export function ensureDevice(db: Database, name: string): DeviceRow {
  const found = findDevice(db, name);
  if (found) return found;
  return { id: db.run('INSERT INTO device (name) VALUES (?)', name).id, name, epoch: 1, cursor: null };
}

/** One run of the device's present journal. */
export function findRun(db: Database, device: DeviceRow, run: number): RunRow | null {
  const row = db.get(
    `${RUN_SELECT} WHERE device = ? AND epoch = ? AND run = ?`,
    device.id,
    device.epoch,
    run,
  );
  return row ? toRun(row) : null;
}

/** The run of a row id, which exists. */
export function runById(db: Database, id: number): RunRow {
  return toRun(db.get(`${RUN_SELECT} WHERE id = ?`, id)!);
}

/** All runs of a device, in the order they were lived. */
export function runsOf(db: Database, device: number): RunRow[] {
  return db.all(`${RUN_SELECT} WHERE device = ? ORDER BY epoch, run`, device).map(toRun);
}

/** Every run a channel took part in, in the order they were lived. */
export function runsOfChannel(db: Database, channel: number): RunChannelRow[] {
  return db
    .all(
      `SELECT r.id, r.device, r.epoch, r.run, r.offset_ms, r.clock, r.t0, r.t1, c.idx, c.period_ms, c.sealed,
         c.calibration
       FROM run_channel c JOIN run r ON r.id = c.run WHERE c.channel = ? ORDER BY r.epoch, r.run`,
      channel,
    )
    .map((row) => {
      const [index, periodMs, sealed, calibration] = row.slice(8) as RunChannelColumns;
      return { run: toRun(row), index, channel, periodMs, sealed, calibration };
    });
}

/** The channels of one run by index. */
export function channelsOfRun(db: Database, run: RunRow): Map<number, RunChannelRow> {
  const rows = db.all(
    'SELECT channel, idx, period_ms, sealed, calibration FROM run_channel WHERE run = ?',
    run.id,
  );
  return new Map(
    (rows as [number, ...RunChannelColumns][]).map(([channel, index, periodMs, sealed, calibration]) => [
      index,
      { run, index, channel, periodMs, sealed, calibration },
    ]),
  );
}

/** Channels without their last reading: of some devices, of some ids, or all (null). In the order first seen. */
export function listChannels(db: Database, devices: readonly string[] | null): Channel[] {
  const rows = db.all(
    `SELECT c.id, d.name, c.sensor, c.sensor_name, c.driver, c.channel, c.quantity, c.unit, c.decimals, c.period_ms,
       ${NEWEST_CALIBRATION}
     FROM channel c JOIN device d ON d.id = c.device ORDER BY c.id`,
  );
  const wanted = devices && new Set(devices);
  return rows.map(toChannel).filter((c) => !wanted || wanted.has(c.device));
}

/**
 * Takes over a device's account of its runs, within a write. `current` is the run its daemon is in now: when the
 * archive is past it, or a run of the same number was lived in another boot, the journal began anew, and what
 * comes is stored beside what was there, under a new epoch.
 */
export function noteRuns(db: Database, name: string, runs: readonly RunInfo[], current: number): Noted {
  let device = ensureDevice(db, name);
  const restarted = beganAnew(db, device, runs, current);
  if (restarted) {
    db.run(
      'UPDATE device SET epoch = epoch + 1, cursor_run = NULL, cursor_batch = NULL WHERE id = ?',
      device.id,
    );
    device = ensureDevice(db, name);
  }
  const noted: Noted = { channels: [], corrected: [], restarted };
  for (const info of runs) {
    if (info.run > current) continue; // a run that is not lived yet: never let the cursor follow it
    const run = noteRun(db, device, info, noted);
    noteChannels(db, device, run, info.channels, noted);
  }
  return noted;
}

/** Adds channels to a run that is known, within a write; answers the new or changed ones. */
export function noteRunChannels(
  db: Database,
  name: string,
  run: number,
  channels: readonly ChannelInfo[],
): Channel[] {
  const device = ensureDevice(db, name);
  const row = findRun(db, device, run);
  const noted: Noted = { channels: [], corrected: [], restarted: false };
  if (row) noteChannels(db, device, row, channels, noted);
  return noted.channels;
}

function beganAnew(db: Database, device: DeviceRow, runs: readonly RunInfo[], current: number): boolean {
  if (device.cursor && current < device.cursor.run) return true;
  return runs.some((info) => {
    const [boot] =
      db.get(
        'SELECT boot_id FROM run WHERE device = ? AND epoch = ? AND run = ?',
        device.id,
        device.epoch,
        info.run,
      ) ?? [];
    return boot !== undefined && boot !== info.bootId;
  });
}

function noteRun(db: Database, device: DeviceRow, info: RunInfo, noted: Noted): RunRow {
  const sane = info.offsetMs > MIN_OFFSET_MS && info.offsetMs < MAX_OFFSET_MS;
  const offsetMs = sane ? info.offsetMs : 0;
  const clock = sane ? info.clock : 'none';
  const known = findRun(db, device, info.run);
  if (!known) {
    const { id } = db.run(
      'INSERT INTO run (device, epoch, run, boot_id, offset_ms, clock) VALUES (?, ?, ?, ?, ?, ?)',
      device.id,
      device.epoch,
      info.run,
      info.bootId,
      offsetMs,
      clock,
    );
    return { id, device: device.id, epoch: device.epoch, run: info.run, offsetMs, clock, t0: null, t1: null };
  }
  const moved = Math.abs(known.offsetMs - offsetMs);
  if (moved > OFFSET_NOISE_MS || known.clock !== clock)
    db.run('UPDATE run SET offset_ms = ?, clock = ? WHERE id = ?', offsetMs, clock, known.id);
  if (moved > CORRECTED_MS || known.clock !== clock) noted.corrected.push(info.run);
  return known;
}

function noteChannels(
  db: Database,
  device: DeviceRow,
  run: RunRow,
  channels: readonly ChannelInfo[],
  noted: Noted,
): void {
  const known = channelsOfRun(db, run);
  for (const info of channels) {
    const calibration = info.calibration ? JSON.stringify(info.calibration) : null;
    const before = known.get(info.index);
    if (before?.calibration === calibration) continue;
    if (before) {
      // noted when the archive knew nothing of calibration yet
      db.run(
        'UPDATE run_channel SET calibration = ? WHERE run = ? AND idx = ?',
        calibration,
        run.id,
        info.index,
      );
      continue;
    }
    const { id, changed } = declare(db, device, info, calibration);
    // A second index for one channel within a run is a device's mistake: the first keeps the name, and rows of
    // the second count as stray.
    db.run(
      'INSERT OR IGNORE INTO run_channel (run, idx, channel, period_ms, calibration) VALUES (?, ?, ?, ?, ?)',
      run.id,
      info.index,
      id,
      info.periodMs,
      calibration,
    );
    if (changed) {
      const { index: _, ...declared } = info;
      noted.channels.push({ ...declared, id, device: device.name, last: null });
    }
  }
}

/** Finds or makes a channel, and lets the newest declaration win. */
function declare(
  db: Database,
  device: DeviceRow,
  info: ChannelInfo,
  calibration: string | null,
): { id: number; changed: boolean } {
  const row = db.get(
    `SELECT id, sensor_name, driver, quantity, unit, decimals, period_ms, ${NEWEST_CALIBRATION}
     FROM channel c
     WHERE device = ? AND sensor = ? AND channel = ?`,
    device.id,
    info.sensor,
    info.channel,
  );
  const { sensorName, driver, quantity, unit, decimals, periodMs } = info;
  const words = [sensorName, driver, quantity, unit, decimals, periodMs];
  if (!row) {
    const { id } = db.run(
      `INSERT INTO channel
         (device, sensor, channel, sensor_name, driver, quantity, unit, decimals, period_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      device.id,
      info.sensor,
      info.channel,
      ...words,
    );
    return { id, changed: true };
  }
  const id = row[0] as number;
  const changed = words.some((word, i) => word !== row[i + 1]);
  if (changed)
    db.run(
      `UPDATE channel SET sensor_name = ?, driver = ?, quantity = ?, unit = ?, decimals = ?, period_ms = ?
       WHERE id = ?`,
      ...words,
      id,
    );
  return { id, changed: changed || calibration !== row.at(-1) };
}

/** Of channel c. Runs are noted in the order they were lived. */
const NEWEST_CALIBRATION =
  '(SELECT calibration FROM run_channel WHERE channel = c.id ORDER BY run DESC LIMIT 1)';

/** Of a row of run_channel: index, period, up to where it is sealed, calibration. */
type RunChannelColumns = [number, number, number, string | null];

/** As it is stored. */
export function calibrationOf(stored: string | null): CalibrationInfo | null {
  return stored === null ? null : (JSON.parse(stored) as CalibrationInfo);
}

const RUN_SELECT = 'SELECT id, device, epoch, run, offset_ms, clock, t0, t1 FROM run';

function toRun(row: unknown[]): RunRow {
  const [id, device, epoch, run, offsetMs, clock, t0, t1] = row as [
    number,
    number,
    number,
    number,
    number,
    ClockSource,
    number | null,
    number | null,
  ];
  return { id, device, epoch, run, offsetMs, clock, t0, t1 };
}

function toChannel(row: unknown[]): Channel {
  const [id, device, sensor, sensorName, driver, channel, quantity, unit, decimals, periodMs, stored] =
    row as [
      number,
      string,
      string,
      string,
      string,
      string,
      Channel['quantity'],
      string,
      number,
      number,
      string | null,
    ];
  const calibration = calibrationOf(stored);
  return {
    id,
    device,
    sensor,
    sensorName,
    driver,
    channel,
    quantity,
    unit,
    decimals,
    periodMs,
    ...(calibration && { calibration }),
    last: null,
  };
}
