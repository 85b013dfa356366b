/**
 * The whole main job without a window: discover, install, stream, cut one connection and resume, export; then
 * count what came out. Every figure is measured on the result, the duplicates and rows on the written file itself.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Engine } from '../core/engine.ts';
import type { DeviceRecord } from '../shared/engine-contract.ts';
import { errorFromWire, MusterError } from '../shared/errors.ts';
import { pause } from './with-engine.ts';

/** What `muster demo --headless --json` prints. */
export interface DemoResult {
  devices: number;
  discovered: number;
  installed: number;
  readings: number;
  channels: number;
  gaps: number;
  duplicates: number;
  reconnects: number;
  csv: string;
  csvRows: number;
  elapsed_s: number;
}

interface DemoRun {
  devices: number;
  seconds: number;
  csv: string;
  progress: (line: string) => void;
}

const DISCOVERY_MS = 15_000;
const LINK_MS = 20_000;

/** Waits for `done` to hold, looking ten times a second; false when it did not within `ms`. */
async function eventually(ms: number, done: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > end) return false;
    await pause(100);
  }
  return true;
}

async function demoDevices(engine: Engine): Promise<DeviceRecord[]> {
  const { devices } = await engine.handlers['fleet.snapshot']({});
  return devices.filter((device) => device.demo);
}

async function installOn(engine: Engine, device: DeviceRecord): Promise<string> {
  const { login } = await engine.handlers['demo.status']({});
  if (!login) throw new MusterError('DEMO_FAILED', 'the demo fleet is not running');
  const ask = (trust: string | null) =>
    engine.handlers['install.inspect']({ device: device.id, login, trust });
  let found = await ask(null);
  if (found.step === 'confirm-key') found = await ask(found.fingerprint.sha256);
  if (found.step !== 'ready') throw new MusterError('INTERNAL', 'a confirmed key was not accepted');
  const { job } = await engine.handlers['install.start']({ session: found.session, sudoPassword: null });
  const ended = await engine.jobEnded(job);
  if (ended.error) throw errorFromWire(ended.error);
  return ended.device ?? device.id;
}

/** Reads the file back: rows, and how many name the same device, sensor, channel and time as an earlier one. */
async function readBack(csv: string): Promise<{ rows: number; duplicates: number }> {
  const seen = new Set<string>();
  let rows = -1;
  let duplicates = 0;
  let columns: number[] = [];
  for await (const line of createInterface({ input: createReadStream(csv), crlfDelay: Infinity })) {
    const cells = line.split(',');
    if (++rows === 0) {
      const heads = cells.map((head) => head.replace('\ufeff', ''));
      columns = ['epoch_ms', 'device', 'sensor', 'channel'].map((head) => heads.indexOf(head));
      continue;
    }
    const key = columns.map((at) => cells[at]).join(',');
    if (seen.has(key)) duplicates++;
    seen.add(key);
  }
  return { rows: Math.max(0, rows), duplicates };
}

/** Runs it. Throws only when something could not even be tried; shortfalls are in the figures. */
export async function headlessDemo(engine: Engine, run: DemoRun): Promise<DemoResult> {
  const started = performance.now();
  run.progress(`Starting ${run.devices} virtual devices …`);
  await engine.handlers['demo.start']({ devices: run.devices });
  await eventually(DISCOVERY_MS, async () => (await demoDevices(engine)).length >= run.devices);
  const found = await demoDevices(engine);
  run.progress(`Found ${found.length}: ${found.map(({ name }) => name).join(', ')}`);

  const installed: string[] = [];
  for (const device of found) {
    try {
      installed.push(await installOn(engine, device));
      run.progress(`Installed on ${device.name}`);
    } catch (thrown) {
      run.progress(
        `Not installed on ${device.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      );
    }
  }
  for (const id of installed) await engine.caughtUp(id, LINK_MS);

  run.progress(`Recording for ${run.seconds} s, with one cable pulled in the middle …`);
  await pause(run.seconds * 500);
  const before = (await demoDevices(engine)).reduce((sum, device) => sum + device.link.reconnects, 0);
  engine.cutDemo(0);
  await eventually(LINK_MS, async () => {
    const now = await demoDevices(engine);
    return now.reduce((sum, device) => sum + device.link.reconnects, 0) > before;
  });
  await pause(run.seconds * 500);
  for (const id of installed) await engine.caughtUp(id, LINK_MS);
  const reconnects = (await demoDevices(engine)).reduce((sum, device) => sum + device.link.reconnects, 0);
  await engine.stopLinks();

  const { channels } = await engine.handlers['channels.list']({ device: null });
  const mine = channels.filter((channel) => installed.includes(channel.device));
  const {
    rows: readings,
    from,
    to,
  } = await engine.handlers['export.preview']({
    devices: installed,
    channels: [],
    from: null,
    to: null,
  });
  let gaps = 0;
  for (const channel of mine) {
    const range = { from: from ?? 0, to: (to ?? 0) + 1, pixels: 1000 };
    gaps += (await engine.handlers['series.query']({ channels: [channel.id], ...range })).gaps.length;
  }
  const { job } = await engine.handlers['export.start']({
    devices: installed,
    channels: [],
    from: null,
    to: null,
    out: run.csv,
  });
  const ended = await engine.jobEnded(job);
  if (ended.error) throw errorFromWire(ended.error);
  const { rows: csvRows, duplicates } = await readBack(run.csv);
  await engine.handlers['demo.stop']({});
  return {
    devices: run.devices,
    discovered: found.length,
    installed: installed.length,
    readings,
    channels: mine.length,
    gaps,
    duplicates,
    reconnects,
    csv: run.csv,
    csvRows,
    elapsed_s: Math.round(performance.now() - started) / 1000,
  };
}
