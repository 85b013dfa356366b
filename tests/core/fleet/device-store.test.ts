import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDeviceStore, storedPart } from '../../../src/core/fleet/device-store.ts';
import { newRow } from '../../../src/core/fleet/row.ts';
import { noLog } from '../../../src/shared/log.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'muster-store-')), 'devices');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const open = () => openDeviceStore(dir, noLog);
const device = (id: string, name = id) => ({ ...storedPart(newRow(id, 0).record), name, mine: true });

describe('openDeviceStore', () => {
  it('gives back what was saved, in a file for this user alone', async () => {
    const store = open();
    await store.save(device('new-1', 'Pump house'));
    expect(open().devices).toEqual([device('new-1', 'Pump house')]);
    expect(statSync(join(dir, 'new-1.json')).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('writes nothing but the fields it knows', async () => {
    const store = open();
    await store.save({ ...device('new-1'), password: 'hunter2', link: { error: 'x' } } as never);
    const text = readFileSync(join(dir, 'new-1.json'), 'utf8');
    expect(text).not.toMatch(/hunter2|link/);
  });

  it('keeps the last of many saves, and leaves no temporary file', async () => {
    const store = open();
    for (let i = 0; i < 20; i++) void store.save(device('new-1', `name ${i}`));
    await store.settled();
    expect(readdirSync(dir)).toEqual(['new-1.json']);
    expect(open().devices[0]?.name).toBe('name 19');
  });

  it('keeps the old file whole when the new one cannot be written', async () => {
    const store = open();
    await store.save(device('new-1', 'old'));
    // A folder in the way of the temporary file stands for a full disk: root may write anywhere.
    rmSync(join(dir, 'new-1.json.tmp'), { force: true });
    mkdirSync(join(dir, 'new-1.json.tmp', 'x'), { recursive: true });
    await expect(store.save(device('new-1', 'new'))).rejects.toMatchObject({ code: 'EISDIR' });
    rmSync(join(dir, 'new-1.json.tmp'), { recursive: true });
    expect(open().devices[0]?.name).toBe('old');
    await store.save(device('new-1', 'newer'));
    expect(open().devices[0]?.name).toBe('newer');
  });

  it.each([
    ['half written', '{"version":1,"device":{"id":"new-2"'],
    ['of a newer version', JSON.stringify({ version: 2, device: {} })],
    [
      'of another device',
      JSON.stringify({ version: 1, device: { ...storedPart(newRow('new-9', 0).record) } }),
    ],
    ['empty', ''],
  ])('sets a file aside that is %s, tells, and goes on', async (_what, text) => {
    await open().save(device('new-1'));
    writeFileSync(join(dir, 'new-2.json'), text);
    const told: string[] = [];
    const store = openDeviceStore(dir, (level, message) => told.push(`${level} ${message}`));
    expect(store.devices.map(({ id }) => id)).toEqual(['new-1']);
    expect(store.damaged).toEqual(['new-2.json.damaged-1']);
    expect(told).toEqual(['error a device file is damaged and was set aside']);
    expect(readFileSync(join(dir, 'new-2.json.damaged-1'), 'utf8')).toBe(text);
    writeFileSync(join(dir, 'new-2.json'), text);
    expect(open().damaged).toEqual(['new-2.json.damaged-2']);
  });

  it('sweeps up after a crash in the middle of a write', async () => {
    await open().save(device('new-1'));
    writeFileSync(join(dir, 'new-1.json.tmp'), '{"ver');
    open();
    expect(readdirSync(dir)).toEqual(['new-1.json']);
  });

  it('takes no id for a path', async () => {
    const store = open();
    for (const id of ['../x', 'a/b', '.', '', 'x'.repeat(121)])
      await expect(store.remove(id)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('removes', async () => {
    const store = open();
    await store.save(device('new-1'));
    await store.remove('new-1');
    await store.remove('new-1');
    expect(readdirSync(dir)).toEqual([]);
  });
});
