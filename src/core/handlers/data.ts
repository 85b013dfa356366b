/** Calls about readings: channels, charts, live rows, CSV. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { machineZone } from '../export/csv-time.ts';
import { exportCsv } from '../export/export-csv.ts';
import { previewCsv } from '../export/preview.ts';
import { bytesOf } from '../live/column-bytes.ts';
import type { AreaHandlers, Parts } from './parts.ts';

/** Where a person looks for a saved file first. */
function savedFiles(): string {
  const downloads = join(homedir(), 'Downloads');
  return existsSync(downloads) ? downloads : homedir();
}

const ROTTEN = 'the disk of this computer does not give them back';

export function dataHandlers({
  archive,
  clock,
  feeds,
  fleet,
  jobs,
}: Parts): AreaHandlers<'channels' | 'series' | 'export'> {
  /** A row's id as the archive has it: the lasting one. */
  const lasting = (device: string) => fleet.get(device)?.id ?? device;
  const deviceName = (device: string) => fleet.get(device)?.name ?? device;
  return {
    'channels.list': async ({ device }) => ({
      channels: await archive.channels(device === null ? null : lasting(device)),
    }),
    async 'series.query'({ channels, ...window }) {
      const { series, gaps } = await archive.series(channels, window);
      const rows = series.map(({ channel, count, t, lo, hi, q }) => ({
        channel,
        count,
        t: bytesOf(t),
        lo: bytesOf(lo),
        hi: bytesOf(hi),
        q,
      }));
      return { series: rows, gaps, spans: await archive.spans(channels, window) };
    },
    async 'series.pull'({ device, after, waitMs }) {
      const { serial, reset, channel, t, value, quality } = await feeds
        .of(lasting(device))
        .pull(after, waitMs);
      return { serial, reset, channel: bytesOf(channel), t: bytesOf(t), value: bytesOf(value), quality };
    },
    async 'export.preview'({ devices, ...rest }) {
      const choice = { ...rest, devices: devices.map(lasting) };
      const { suggestedName, ...preview } = await previewCsv({
        archive,
        choice,
        zone: machineZone(),
        deviceName,
      });
      return { ...preview, suggestedPath: join(savedFiles(), suggestedName) };
    },
    'export.start'({ out, devices, ...rest }) {
      const choice = { ...rest, devices: devices.map(lasting) };
      const path = resolve(out);
      const job = jobs.start(
        { kind: 'export', title: 'Save CSV', device: null },
        async ({ signal, steps }) => {
          const step = (done: number | null, total: number | null, rate: number | null) =>
            steps([
              { id: 'write', title: 'Write the file', detail: path, state: 'running', done, total, rate },
            ]);
          step(null, null, null);
          const started = clock.monotonic();
          const written = await exportCsv({
            archive,
            choice,
            out: path,
            zone: machineZone(),
            deviceName,
            signal,
            onProgress: (rows, total) => step(rows, total, (rows * 1000) / (clock.monotonic() - started + 1)),
          });
          const { rows, unreadable } = written;
          steps([
            {
              id: 'write',
              title: 'Write the file',
              detail: unreadable > 0 ? `${path}; ${unreadable} readings left out: ${ROTTEN}` : path,
              state: 'done',
              done: rows,
              total: rows,
              rate: null,
            },
          ]);
          return { ...written };
        },
      );
      return { job };
    },
  };
}
