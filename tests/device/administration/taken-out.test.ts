import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TakenOut } from '../../../device/administration/taken-out.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-out-'));
  path = join(folder, 'taken-out.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the sensors taken out', () => {
  it('are remembered in order, by the next one who looks too', () => {
    const out = new TakenOut(path);
    expect([...out.sensors]).toEqual([]);
    out.add('b');
    out.add('a');
    expect([...new TakenOut(path).sensors]).toEqual(['b', 'a']);
    out.delete('b');
    expect([...new TakenOut(path).sensors]).toEqual(['a']);
  });

  it('stay as they were where the file cannot be written', () => {
    mkdirSync(path);
    const out = new TakenOut(path);
    expect(() => out.add('a')).toThrow(
      expect.objectContaining({ code: 'REFUSED', details: { reason: 'it cannot remember it (EISDIR)' } }),
    );
    expect([...out.sensors]).toEqual([]);
  });
});
