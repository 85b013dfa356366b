/** The archive's first layout. Times are integer microseconds on a run's monotonic clock, never wall time. */
export const first = `
-- A device by its lasting id. (cursor_run, cursor_batch): all up to here is committed. epoch: which of its
-- journals; it goes up when a device comes back with run numbers that started anew.
CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  epoch INTEGER NOT NULL DEFAULT 1,
  cursor_run INTEGER,
  cursor_batch INTEGER,
  set_aside INTEGER NOT NULL DEFAULT 0,
  set_aside_bytes INTEGER NOT NULL DEFAULT 0,
  stray INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One life of a daemon. Wall time of a reading = offset_ms + its time: correcting a run touches this row alone.
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device(id),
  epoch INTEGER NOT NULL,
  run INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  offset_ms REAL NOT NULL,
  clock TEXT NOT NULL,
  t0 INTEGER,
  t1 INTEGER,
  UNIQUE (device, epoch, run)
) STRICT;

CREATE TABLE channel (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device(id),
  sensor TEXT NOT NULL,
  channel TEXT NOT NULL,
  sensor_name TEXT NOT NULL,
  driver TEXT NOT NULL,
  quantity TEXT NOT NULL,
  unit TEXT NOT NULL,
  decimals INTEGER NOT NULL,
  period_ms REAL NOT NULL,
  UNIQUE (device, sensor, channel)
) STRICT;

-- What index idx meant within a run. sealed: hot batches up to here are in this channel's chunks already.
CREATE TABLE run_channel (
  run INTEGER NOT NULL REFERENCES run(id),
  idx INTEGER NOT NULL,
  channel INTEGER NOT NULL REFERENCES channel(id),
  period_ms REAL NOT NULL,
  sealed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, idx),
  UNIQUE (run, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_channel_by_channel ON run_channel (channel, run);

-- Batches as received, until they are sealed.
CREATE TABLE hot (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run(id),
  batch INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (run, batch)
) STRICT;

-- One channel's readings of one run, in pieces. Narrow, so that a wide chart reads statistics only.
CREATE TABLE chunk (
  channel INTEGER NOT NULL,
  run INTEGER NOT NULL REFERENCES run(id),
  seq INTEGER NOT NULL,
  t0 INTEGER NOT NULL,
  t1 INTEGER NOT NULL,
  n INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  lo REAL,
  hi REAL,
  sum REAL NOT NULL,
  worst INTEGER NOT NULL,
  last_value REAL,
  last_quality INTEGER NOT NULL,
  data INTEGER NOT NULL,
  PRIMARY KEY (channel, run, seq)
) STRICT, WITHOUT ROWID;

-- blocks comes first: it is read without touching the pages of data.
CREATE TABLE chunk_data (
  id INTEGER PRIMARY KEY,
  blocks BLOB NOT NULL,
  data BLOB NOT NULL
) STRICT;

-- Batches that will never come, and why. from_*: last reading before; to_*: first reading after, when known.
CREATE TABLE gap (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device(id),
  epoch INTEGER NOT NULL,
  run INTEGER NOT NULL,
  first_batch INTEGER NOT NULL,
  last_batch INTEGER NOT NULL,
  reason TEXT NOT NULL,
  from_run INTEGER REFERENCES run(id),
  from_us INTEGER,
  to_run INTEGER REFERENCES run(id),
  to_us INTEGER
) STRICT;
CREATE INDEX gap_by_device ON gap (device);

-- What could not be understood, kept for an engineer.
CREATE TABLE set_aside (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES device(id),
  run INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  reason TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;
`;
