/** What an export would be, before it is made: how much, from when to when, and how it begins. */
import type { Archive } from '../archive/archive.ts';
import type { Choice } from '../archive/questions.ts';
import { slice } from '../archive/walk.ts';
import { CSV_HEADER, csvLines } from './csv.ts';
import { TimeText } from './csv-time.ts';
import type { CsvExport } from './export-csv.ts';

interface Preview {
  rows: number;
  /** Estimated from the first rows of every channel. */
  bytes: number;
  /** Epoch ms of the first and last reading. */
  from: number | null;
  to: number | null;
  /** The header and the first rows. */
  lines: string[];
  suggestedName: string;
}

const LINES = 4;
const SAMPLE_ROWS = 200;
/** Channels that are looked at for the estimate. */
const SAMPLE_PIECES = 20;

export async function previewCsv({
  archive,
  choice,
  zone,
  deviceName,
}: Pick<CsvExport, 'choice' | 'zone' | 'deviceName'> & {
  archive: Pick<Archive, 'pieces' | 'count' | 'extent'>;
}): Promise<Preview> {
  const time = new TimeText(zone);
  const rows = await archive.count(choice);
  const extent = await archive.extent(choice);
  let sample = '';
  let sampled = 0;
  let pieces = 0;
  for await (const piece of archive.pieces(choice)) {
    const first = slice(piece, 0, Math.min(SAMPLE_ROWS, piece.t.length));
    sample += csvLines(first, piece.channel, deviceName(piece.channel.device), time);
    sampled += first.t.length;
    if (++pieces === SAMPLE_PIECES) break;
  }
  const perRow = sampled === 0 ? 0 : Buffer.byteLength(sample) / sampled;
  return {
    rows,
    bytes: CSV_HEADER.length + Math.round(rows * perRow),
    from: extent?.from ?? null,
    to: extent?.to ?? null,
    lines: (CSV_HEADER + sample).split('\n', LINES).filter((line) => line !== ''),
    suggestedName: suggestedName(choice, extent, deviceName),
  };
}

/** `muster-greenhouse-2026-05-03.csv`, with both days when they differ; fit for every file system. */
function suggestedName(
  choice: Choice,
  extent: { from: number; to: number } | null,
  deviceName: (device: string) => string,
): string {
  const [device] = choice.devices;
  const who = device !== undefined && choice.devices.length === 1 ? deviceName(device) : 'readings';
  const word = who
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60);
  const day = (ms: number) => new Date(Math.min(8e15, Math.max(-8e15, ms))).toISOString().slice(0, 10);
  const days = extent ? [...new Set([day(extent.from), day(extent.to)])] : [];
  return `${['muster', word || 'readings', ...days].join('-')}.csv`;
}
