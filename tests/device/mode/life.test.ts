import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginLife, type Life } from '../../../device/mode/life.ts';
import { SAFE_AFTER, STEADY_AFTER_MS } from '../../../device/mode/mode-decision.ts';
import { noLog } from '../../../src/shared/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let folder: string;
let path: string;
let clock: FakeClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-life-'));
  path = join(folder, 'life.json');
  clock = new FakeClock();
});
afterEach(() => rmSync(folder, { recursive: true }));

const begin = (log = noLog): Life => beginLife({ path, boot: 'b', clock, log });
function dieYoung(times: number): void {
  for (let i = 0; i < times; i++) begin();
}

describe('the lives of a daemon', () => {
  it('end in safe mode after too many young deaths, and it says why', () => {
    dieYoung(SAFE_AFTER);
    const life = begin();
    expect(life.mode).toBe('safe');
    expect(life.reason).toBe('the daemon died 5 times in a row within 60 s of its start');
  });

  it('begin afresh once one has lasted', async () => {
    dieYoung(SAFE_AFTER - 1);
    begin();
    await clock.advance(STEADY_AFTER_MS);
    expect(begin().mode).toBe('normal');
    dieYoung(SAFE_AFTER - 1);
    expect(begin().mode).toBe('safe');
  });

  it('begin afresh after an orderly end, in safe mode too', () => {
    dieYoung(SAFE_AFTER);
    const life = begin();
    expect(life.mode).toBe('safe');
    life.end();
    expect(clock.pending).toBe(SAFE_AFTER);
    expect(begin()).toMatchObject({ mode: 'normal', reason: null });
  });

  it('count anew once a person has left safe mode', () => {
    dieYoung(SAFE_AFTER);
    const life = begin();
    life.leaveSafeMode();
    expect(life).toMatchObject({ mode: 'normal', reason: null });
    dieYoung(SAFE_AFTER - 1);
    expect(begin().mode).toBe('safe');
  });

  it('on trial know of none before and leave no trace until they are proved', () => {
    dieYoung(SAFE_AFTER);
    const before = readFileSync(path, 'utf8');
    const trial = () => beginLife({ path, boot: 'b', trial: true, clock, log: noLog });
    for (const end of ['abandon', 'end', 'withdraw'] as const) {
      const life = trial();
      expect(life).toMatchObject({ mode: 'normal', reason: null });
      life[end]();
      expect(readFileSync(path, 'utf8')).toBe(before);
    }
    trial().prove();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ boot: 'b', failures: 0, life: 'young' });
    expect(begin().mode).toBe('normal');
  });

  it('are not touched by a second daemon that finds the first', () => {
    dieYoung(2);
    const before = readFileSync(path, 'utf8');
    begin().withdraw();
    expect(readFileSync(path, 'utf8')).toBe(before);
    rmSync(path);
    begin().withdraw();
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it.each(['', 'garbage', '{"boot":"b","failures":99,"life":"young"}', '[]'])(
    'do not fail for a file that holds %j',
    (text) => {
      writeFileSync(path, text);
      expect(begin().mode).toBe('normal');
    },
  );

  it('go on where the file cannot be written, and say so', () => {
    mkdirSync(path);
    const said: string[] = [];
    const life = begin((_, message) => said.push(message));
    expect(life.mode).toBe('normal');
    expect(said).toEqual(['how this life goes cannot be written down']);
  });
});
