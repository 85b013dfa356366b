/** An archive in a folder of its own, gone after the test; and what is in it as plain rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openArchive, type Archive } from '../../src/core/archive/archive.ts';
import type { Choice } from '../../src/core/archive/questions.ts';
import { noLog, type Log } from '../../src/shared/log.ts';
import { FakeClock } from './fake-clock.ts';

/** A folder that is removed when the running test ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens `path` (a new file unless told); closed when the test ends. */
export async function tempArchive(
  path = join(tempFolder(), 'archive.db'),
  log: Log = noLog,
): Promise<Archive> {
  const archive = await openArchive(path, { clock: new FakeClock(), log });
  onTestFinished(() => archive.close());
  return archive;
}

export interface PlainReading {
  channel: number;
  t: number;
  value: number;
  quality: number;
}

export const EVERYTHING: Choice = { devices: [], channels: [], from: null, to: null };

/** Every reading of an archive, channel by channel in time order. */
export async function readingsOf(archive: Archive, choice = EVERYTHING): Promise<PlainReading[]> {
  const out: PlainReading[] = [];
  for await (const piece of archive.pieces(choice))
    for (let i = 0; i < piece.t.length; i++)
      out.push({
        channel: piece.channel.id,
        t: piece.t[i]!,
        value: piece.value[i]!,
        quality: piece.quality[i]!,
      });
  return out;
}
