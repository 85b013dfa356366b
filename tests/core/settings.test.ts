import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSettings } from '../../src/core/settings.ts';
import { noLog } from '../../src/shared/log.ts';
import { tempFolder } from '../support/temp-archive.ts';

describe('the settings', () => {
  it('are kept over lives of the engine, and readable to nobody else', async () => {
    const path = join(tempFolder(), 'settings.json');
    const settings = openSettings(path, noLog);
    expect(settings.offerTime).toBe(true);
    await settings.choose({ offerTime: false });
    expect(settings.offerTime).toBe(false);
    expect(openSettings(path, noLog).offerTime).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('that cannot be read are told, left as they are, and the usual ones hold', () => {
    const path = join(tempFolder(), 'settings.json');
    writeFileSync(path, '{"offerTime": "perhaps"');
    const told: string[] = [];
    expect(openSettings(path, (level, text) => told.push(`${level} ${text}`)).offerTime).toBe(true);
    expect(told).toEqual(['warn the settings cannot be read; the usual ones hold']);
    expect(readFileSync(path, 'utf8')).toBe('{"offerTime": "perhaps"');
  });

  it('give way to what Muster was started with', async () => {
    const settings = openSettings(join(tempFolder(), 'settings.json'), noLog, false);
    expect(settings.offerTime).toBe(false);
    await expect(settings.choose({ offerTime: true })).rejects.toMatchObject({ code: 'REFUSED' });
  });

  it('that cannot be written change nothing', async () => {
    const settings = openSettings(join(tempFolder(), 'missing', 'settings.json'), noLog);
    await expect(settings.choose({ offerTime: false })).rejects.toMatchObject({
      code: 'EXPORT_PATH_UNWRITABLE',
    });
    expect(settings.offerTime).toBe(true);
  });
});
