import { describe, expect, it } from 'vitest';
import { createIngest, type News } from '../../../src/core/ingest/ingest.ts';
import type { RunInfo } from '../../../src/shared/reading.ts';
import { channelInfo, runInfo, wireBatch } from '../../support/fake-device.ts';
import { readingsOf, tempArchive } from '../../support/temp-archive.ts';

/** An ingest of a device with these runs, and what it asked and told. */
async function begin(runs: RunInfo[], archive?: Awaited<ReturnType<typeof tempArchive>>) {
  const store = archive ?? (await tempArchive());
  const asked: string[] = [];
  const news: News[] = [];
  const ingest = createIngest({
    device: 'd',
    run: runs.at(-1)!.run,
    archive: store,
    call: {
      runs: async ({ from }) => {
        asked.push(`runs ${from}`);
        return { runs: runs.filter((r) => r.run >= from) };
      },
      channels: async ({ run }) => {
        asked.push(`channels ${run}`);
        return { channels: runs.find((r) => r.run === run)!.channels };
      },
    },
    onNews: (n) => news.push(n),
  });
  return { archive: store, ingest, asked, news };
}

const pulled = (run: number, batch: number, channel = 0) => ({
  batches: [wireBatch(run, batch, [{ ms: batch * 1000, channel, value: batch }])],
  trimmedTo: null,
  head: { run, batch },
});

describe('an ingest', () => {
  it('asks for the runs it needs and moves the cursor with the commit', async () => {
    const runs = [runInfo(1, { lastBatch: 1 }), runInfo(2, { lastBatch: 1 })];
    const { archive, ingest, asked, news } = await begin(runs);
    await ingest.noteRuns();
    expect(ingest.behind(null, null)).toBe(2);
    expect((await ingest.take(null, pulled(1, 1))).cursor).toEqual({ run: 1, batch: 1 });
    expect((await ingest.take({ run: 1, batch: 1 }, pulled(2, 1))).rows.value).toEqual(Float64Array.of(1));
    expect(await archive.cursor('d')).toEqual({ run: 2, batch: 1 });
    await ingest.noteRuns();
    expect(asked).toEqual(['runs 1', 'runs 2']);
    expect(news).toHaveLength(1);
    expect(news[0]!.channels.map((c) => c.sensor)).toEqual(['s0', 's1']);
  });

  it('asks once for a channel it does not know, and once more never', async () => {
    const runs = [runInfo(1, { lastBatch: 2 })];
    const { ingest, asked, news } = await begin(runs);
    await ingest.noteRuns();
    runs[0]!.channels = [...runs[0]!.channels, channelInfo(5)];
    expect(await ingest.take(null, pulled(1, 1, 5))).toMatchObject({ stray: 0, accepted: 1 });
    expect(news.at(-1)!.channels.map((c) => c.sensor)).toEqual(['s5']);
    expect(await ingest.take({ run: 1, batch: 1 }, pulled(1, 2, 6))).toMatchObject({ stray: 1, accepted: 1 });
    expect(asked).toEqual(['runs 1', 'channels 1', 'channels 1']);
  });

  it('asks for everything again when the device began its journal anew', async () => {
    const first = await begin([runInfo(7, { lastBatch: 1 })]);
    await first.ingest.noteRuns();
    await first.ingest.take(null, pulled(7, 1));
    const runs = [runInfo(1, { lastBatch: 1, bootId: 'x' }), runInfo(2, { lastBatch: 1, bootId: 'y' })];
    const { archive, ingest, asked } = await begin(runs, first.archive);
    await ingest.noteRuns();
    expect(asked).toEqual(['runs 7', 'runs 1']);
    expect(await archive.cursor('d')).toBeNull();
    await ingest.take(null, pulled(1, 1));
    await ingest.take({ run: 1, batch: 1 }, pulled(2, 1));
    expect(await readingsOf(archive)).toHaveLength(3);
  });
});
