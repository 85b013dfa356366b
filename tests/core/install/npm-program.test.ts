import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findNpm } from '../../../src/core/install/npm-program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function file(path: string): string {
  mkdirSync(join(dir, path, '..'), { recursive: true });
  writeFileSync(join(dir, path), '');
  return join(dir, path);
}

it('prefers the npm beside the Node that runs', () => {
  const node = file('node/bin/node');
  const cli = file('node/lib/node_modules/npm/bin/npm-cli.js');
  file('path/npm');
  expect(findNpm(node, join(dir, 'path'))).toEqual([node, cli]);
});

it('runs the script behind a link on PATH by its own Node, and another program as it is', () => {
  const node = file('other/bin/node');
  const cli = file('lib/npm/bin/npm-cli.js');
  mkdirSync(join(dir, 'linked'));
  symlinkSync(cli, join(dir, 'linked/npm'));
  expect(findNpm(node, join(dir, 'linked'))).toEqual([node, cli]);
  const shim = file('shims/npm');
  expect(findNpm(node, `${join(dir, 'empty')}:${join(dir, 'shims')}`)).toEqual([shim]);
});

it('finds none where there is none', () => {
  const node = file('other/bin/node');
  expect(findNpm(node, dir)).toBeNull();
});
