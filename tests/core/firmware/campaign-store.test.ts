import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRow } from '../../../src/core/firmware/campaign-machine.ts';
import { openCampaignStore } from '../../../src/core/firmware/campaign-store.ts';
import type { Campaign } from '../../../src/shared/campaign.ts';
import { noLog } from '../../../src/shared/log.ts';
import { firmwareFile } from '../../support/firmware-file.ts';

function campaign(id: string, more: Partial<Campaign> = {}): Campaign {
  const order = { canary: 1, cap: 8, maxFailures: 1 };
  const state = { state: 'running', reason: null, startedAt: 1, endedAt: null } as const;
  return { id, files: [firmwareFile()], ...state, ...order, rows: [newRow('d', 'D', true)], ...more };
}

describe('the store of campaigns', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'muster-store-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('gives back what it was given, once, to another engine too', async () => {
    const store = openCampaignStore(dir, noLog);
    await Promise.all([store.save(campaign('push-1')), store.save(campaign('push-2'))]);
    expect(
      openCampaignStore(dir, noLog)
        .changed()
        .map(({ id }) => id),
    ).toEqual(['push-1', 'push-2']);
    expect(store.changed()).toHaveLength(2);
    expect(store.changed()).toEqual([]);
    await store.save(campaign('push-2', { reason: 'new' }));
    expect(store.changed()).toEqual([campaign('push-2', { reason: 'new' })]);
  });

  it('writes many changes in few files, and the last one for certain', async () => {
    const store = openCampaignStore(dir, noLog);
    const saves = Array.from({ length: 200 }, (_, i) => store.save(campaign('push-1', { startedAt: i })));
    expect(new Set(saves).size).toBeLessThan(5);
    await Promise.all(saves);
    expect(store.changed()).toEqual([campaign('push-1', { startedAt: 199 })]);
    expect(readdirSync(dir)).toEqual(['push-1.json']);
  });

  it('sets a file aside that it cannot read, and goes on with the others', async () => {
    const store = openCampaignStore(dir, noLog);
    await store.save(campaign('push-1'));
    writeFileSync(join(dir, 'push-2.json'), '{"version":1,"campaign":{"id":');
    writeFileSync(join(dir, 'push-3.json'), readFileSync(join(dir, 'push-1.json')));
    expect(store.changed().map(({ id }) => id)).toEqual(['push-1']);
    expect(readdirSync(dir).toSorted()).toEqual([
      'push-1.json',
      'push-2.json.damaged-1',
      'push-3.json.damaged-1',
    ]);
  });

  it('reads what was written before a push could carry several files', () => {
    const { files, rows, ...rest } = campaign('push-1');
    const row = { ...rows[0], file: undefined };
    const old = { version: 1, campaign: { ...rest, firmware: files[0], rows: [row] } };
    writeFileSync(join(dir, 'push-1.json'), JSON.stringify(old));
    expect(openCampaignStore(dir, noLog).changed()).toEqual([
      campaign('push-1', { rows: [{ ...newRow('d', 'D', true), file: 0 }] }),
    ]);
    expect(readdirSync(dir)).toEqual(['push-1.json']);
  });

  it('throws what the disk throws', async () => {
    const store = openCampaignStore(dir, noLog);
    mkdirSync(join(dir, 'push-1.json'));
    await expect(store.save(campaign('push-1'))).rejects.toMatchObject({ code: 'EXPORT_PATH_UNWRITABLE' });
  });

  it('lets one engine have a campaign, as long as it lives', async () => {
    const store = openCampaignStore(dir, noLog);
    expect(store.claim('push-1')).toBe(true);
    expect(openCampaignStore(dir, noLog).claim('push-1')).toBe(false);
    store.release('push-1');
    expect(store.claim('push-1')).toBe(true);
    store.release('push-1');

    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const started = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
    writeFileSync(join(dir, 'push-1.owner'), `${child.pid} ${started}`);
    expect(store.claim('push-1')).toBe(false);
    child.kill('SIGKILL');
    await gone;
    expect(store.claim('push-1')).toBe(true);
    store.release('push-1');
    // the number of a dead process that another one has by now
    writeFileSync(join(dir, 'push-1.owner'), `${process.ppid} 1`);
    expect(store.claim('push-1')).toBe(true);
    store.release('push-1');
    expect(readdirSync(dir)).toEqual([]);
  });
});
