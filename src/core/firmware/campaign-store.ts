/**
 * Campaigns on the disk: one JSON file each, `<site>/campaigns/<id>.json`, written whole or not at all, and beside it
 * `<id>.owner` while a process carries it out, since several engines may work on one site.
 * Owns: those files. Refuses: to lose a file that it cannot read: that is set aside and told. Called by campaigns.ts.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { campaignSchema, type Campaign } from '../../shared/campaign.ts';
import type { Log } from '../../shared/log.ts';
import { setAside } from '../fleet/device-store.ts';
import { WholeFile } from '../whole-file.ts';
import { claim, release } from './owner-file.ts';

/** Files of before a push could carry several: one `firmware`, and rows that do not name theirs. */
const olderSchema = z.object({
  version: z.literal(1),
  campaign: z.looseObject({
    firmware: z.unknown(),
    rows: z.array(z.looseObject({ file: z.literal(0).default(0) })),
  }),
});
const fileSchema = z.preprocess(
  (given) => {
    const older = olderSchema.safeParse(given);
    if (!older.success) return given;
    const { firmware, ...rest } = older.data.campaign;
    return { version: 2, campaign: { ...rest, files: [firmware] } };
  },
  z.object({ version: z.literal(2), campaign: campaignSchema }),
);

export interface CampaignStore {
  /** Campaigns whose files are new or changed since the last look, by whomever. */
  changed(): Campaign[];
  /** Resolves when this state or a later one of the campaign is on the disk. Throws what the disk throws. */
  save(campaign: Campaign): Promise<void>;
  remove(id: string): Promise<void>;
  /** True when the campaign is this process's to carry out from now on; false while another living one has it. */
  claim(id: string): boolean;
  release(id: string): void;
}

/** Opens the folder, made when it is not there. Throws when it cannot be. */
export function openCampaignStore(dir: string, log: Log): CampaignStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const seen = new Map<string, string>();
  const writing = new Map<string, { next: Campaign | null; done: Promise<void> }>();
  const ownerFile = (id: string) => join(dir, `${id}.owner`);

  function read(name: string): Campaign | null {
    try {
      const { campaign } = fileSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')));
      if (`${campaign.id}.json` !== name) throw new Error('its id is not its name');
      return campaign;
    } catch (error) {
      const reason = (error as Error).message;
      log('error', 'the file of a push is damaged and was set aside', { file: setAside(dir, name), reason });
      return null;
    }
  }

  async function write(campaign: Campaign): Promise<void> {
    const file = await WholeFile.begin(join(dir, `${campaign.id}.json`), 0o600);
    try {
      await file.write(`${JSON.stringify({ version: 2, campaign })}\n`);
      await file.finish();
    } catch (thrown) {
      await file.discard();
      throw thrown;
    }
  }

  return {
    changed() {
      const names = readdirSync(dir).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
      return names.flatMap((name) => {
        const facts = statSync(join(dir, name), { throwIfNoEntry: false });
        const stamp = facts ? `${facts.ino} ${facts.mtimeMs} ${facts.size}` : '';
        if (!facts || seen.get(name) === stamp) return [];
        seen.set(name, stamp);
        return read(name) ?? [];
      });
    },
    save(campaign) {
      const { id } = campaign;
      const busy = writing.get(id);
      // whatever changes while a file is written goes into the next one, once
      if (busy?.next) {
        busy.next = campaign;
        return busy.done;
      }
      const mine: { next: Campaign | null; done: Promise<void> } = {
        next: campaign,
        done: Promise.resolve(),
      };
      const start = async () => {
        await busy?.done.catch(() => {});
        const latest = mine.next!;
        mine.next = null;
        try {
          await write(latest);
        } finally {
          if (writing.get(id) === mine) writing.delete(id);
        }
      };
      mine.done = start();
      writing.set(id, mine);
      return mine.done;
    },
    async remove(id) {
      await rm(join(dir, `${id}.json`), { force: true });
    },
    claim: (id) => claim(ownerFile(id)),
    release: (id) => release(ownerFile(id)),
  };
}
