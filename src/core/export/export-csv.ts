/**
 * Writes a choice of readings into one CSV file. Owns: order, progress, cancelling. Refuses: jobs and dialogs
 * (the engine). Readings are streamed from one picture of the archive: those that come meanwhile are not in it.
 */
import { MusterError } from '../../shared/errors.ts';
import type { Archive } from '../archive/archive.ts';
import type { Choice } from '../archive/questions.ts';
import { CSV_HEADER, csvLines } from './csv.ts';
import { TimeText } from './csv-time.ts';
import { WholeFile } from '../whole-file.ts';

export interface CsvExport {
  archive: Pick<Archive, 'pieces' | 'count'>;
  choice: Choice;
  /** Where the file goes; one that is there is replaced when the new one is whole. */
  out: string;
  /** IANA zone of time_local. */
  zone: string;
  /** What people call a device. */
  deviceName: (device: string) => string;
  /** Rows written and to be written, after every piece. */
  onProgress?: (rows: number, total: number) => void;
  signal?: AbortSignal;
}

/** What was written. */
export interface Exported {
  path: string;
  rows: number;
  bytes: number;
  /** Readings that are left out because their bytes rotted on this computer's disk. */
  unreadable: number;
}

/** Text is gathered to about this many characters before it is written. */
const WRITE_CHARS = 1 << 20;

/**
 * Writes the file. Throws EXPORT_EMPTY, EXPORT_PATH_UNWRITABLE {path, reason}, CANCELLED; then there is no file,
 * or still the old one.
 */
export async function exportCsv(options: CsvExport): Promise<Exported> {
  const { archive, choice, out, signal } = options;
  const time = new TimeText(options.zone);
  const total = await archive.count(choice);
  if (total === 0) throw new MusterError('EXPORT_EMPTY', 'there are no readings in this choice');
  const file = await WholeFile.begin(out);
  try {
    let rows = 0;
    let unreadable = 0;
    let text = CSV_HEADER;
    for await (const piece of archive.pieces(choice)) {
      if (signal?.aborted) throw new MusterError('CANCELLED', 'the export was cancelled');
      text += csvLines(piece, piece.channel, options.deviceName(piece.channel.device), time);
      rows += piece.t.length;
      unreadable += piece.unreadable ?? 0;
      if (text.length < WRITE_CHARS) continue;
      await file.write(text);
      text = '';
      options.onProgress?.(rows, Math.max(rows, total));
    }
    await file.write(text);
    await file.finish();
    options.onProgress?.(rows, rows);
    return { path: out, rows, bytes: file.bytes, unreadable };
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}
