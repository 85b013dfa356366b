/**
 * Brings a device's readings into the archive over an open connection.
 * Owns: asking the device for what the archive needs to understand a batch. Refuses: connections, retries (link).
 * The cursor moves only with a committed transaction; a batch that cannot be read is set aside and counted, so
 * that nothing a device sends is a dead end. Called by link.
 */
import type { DeviceContract } from '../../shared/device-contract.ts';
import type { Channel } from '../../shared/engine-contract.ts';
import type { Calls } from '../../shared/peer.ts';
import type { Cursor, RunInfo } from '../../shared/reading.ts';
import type { Archive } from '../archive/archive.ts';
import type { Committed } from '../archive/commit.ts';
import { batchesBehind } from './gaps.ts';

/** An answer of the device to `pull`. */
export type Pulled = Awaited<ReturnType<Calls<DeviceContract>['pull']>>;

/** What a device said about itself that changes what was known. */
export interface News {
  /** New channels, and channels whose declaration changed. */
  channels: Channel[];
  /** True when wall times of readings that are in the archive changed: query charts anew. */
  corrected: boolean;
}

export interface IngestOptions {
  device: string;
  /** The run the daemon is in, from its hello. */
  run: number;
  archive: Pick<Archive, 'noteRuns' | 'noteChannels' | 'ingest' | 'cursor' | 'askRunsFrom'>;
  call: Pick<Calls<DeviceContract>, 'runs' | 'channels'>;
  onNews: (news: News) => void;
}

interface Ingest {
  /** Asks the device about its runs and takes over what it says. Before the first batch, then now and then. */
  noteRuns(): Promise<void>;
  /** Commits what a pull after `after` brought. */
  take(after: Cursor | null, pulled: Pulled): Promise<Committed>;
  /** Batches the device still holds after `cursor`. */
  behind(cursor: Cursor | null, head: Cursor | null): number;
}

/** An ingest for one connection to one device. */
export function createIngest(options: IngestOptions): Ingest {
  const { device, archive, call } = options;
  let runs: RunInfo[] = [];

  async function noteRunsFrom(from: number): Promise<boolean> {
    ({ runs } = await call.runs({ from }));
    const noted = await archive.noteRuns(device, runs, options.run);
    const corrected = noted.corrected.length > 0;
    if (noted.channels.length > 0 || corrected) options.onNews({ channels: noted.channels, corrected });
    return noted.restarted;
  }

  async function declare(run: number): Promise<void> {
    const answer = await call.channels({ run, from: 0 });
    const channels = await archive.noteChannels(device, run, answer.channels);
    if (channels.length > 0) options.onNews({ channels, corrected: false });
  }

  return {
    async noteRuns() {
      const from = await archive.askRunsFrom(device);
      // A journal that began anew is fetched from its first run, which the question above did not reach.
      if ((await noteRunsFrom(from)) && from > 1) await noteRunsFrom(1);
    },
    async take(after, pulled) {
      const delivery = { after, batches: pulled.batches, trimmedTo: pulled.trimmedTo, runs };
      // Each run of a delivery may have new channels; a channel that stays unknown is taken as stray in the end.
      const asked = new Set<number>();
      for (;;) {
        const committed = await archive.ingest(device, { ...delivery, takeStray: false });
        if (committed.undeclared === null) return committed;
        if (asked.has(committed.undeclared)) break;
        asked.add(committed.undeclared);
        await declare(committed.undeclared);
      }
      return archive.ingest(device, { ...delivery, takeStray: true });
    },
    behind: (cursor, head) => batchesBehind(cursor, head, runs),
  };
}
