import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureOwnKey } from '../../../src/core/ssh/own-key.ts';
import { need } from '../../support/need.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'muster-test-')), 'config');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

it.skipIf(!need('ssh'))('is a key that ssh-keygen reads, with the public line it derives', async () => {
  // Each makes another key: the padding of the file depends on nothing, its bytes do.
  for (let i = 0; i < 5; i++) {
    const own = await ensureOwnKey(join(dir, String(i)));
    const path = join(dir, String(i), 'id_ed25519');
    const derived = execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' }).trim();
    expect(derived).toBe(own.publicLine);
    expect(readFileSync(path, 'utf8')).toBe(own.privateKey);
  }
});

it.skipIf(!need('ssh'))('reads a key that ssh-keygen made', async () => {
  mkdirSync(dir);
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    'muster',
    '-f',
    join(dir, 'id_ed25519'),
  ]);
  const own = await ensureOwnKey(dir);
  expect(own.publicLine).toBe(readFileSync(join(dir, 'id_ed25519.pub'), 'utf8').trim());
});

it('is made once, for its owner only, also when many ask at once', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => ensureOwnKey(dir)));
  expect(new Set(keys.map((key) => key.privateKey)).size).toBe(1);
  expect(await ensureOwnKey(dir)).toEqual(keys[0]);
  expect(readdirSync(dir)).toEqual(['id_ed25519']);
  expect(statSync(join(dir, 'id_ed25519')).mode & 0o777).toBe(0o600);
});

it('leaves a file that is no such key alone, and says so', async () => {
  mkdirSync(dir);
  writeFileSync(join(dir, 'id_ed25519'), 'precious');
  await expect(ensureOwnKey(dir)).rejects.toMatchObject({ code: 'KEY_FILE_BAD' });
  expect(readFileSync(join(dir, 'id_ed25519'), 'utf8')).toBe('precious');
});
