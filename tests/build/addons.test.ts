/** The native code that is kept in the repository is what its source makes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildAddon, COMPILERS, keptAddon, type AddonArch } from '../../src/build/addons.ts';
import { ADDONS } from '../../src/shared/firmware.ts';
import { need } from '../support/need.ts';

const ARCHES = Object.keys(COMPILERS) as AddonArch[];
const EACH = ARCHES.flatMap((arch) => ADDONS.map((addon) => [arch, addon] as const));
/** The compiler that made what is kept, Debian 12's: another one makes other bytes of the same source. */
const MADE_BY = '12.2.0';

function compilerIsOurs(): boolean {
  const versions = ARCHES.map((arch) =>
    execFileSync(`${COMPILERS[arch]}-g++`, ['-dumpfullversion'], { encoding: 'utf8' }).trim(),
  );
  const same = versions.every((version) => version === MADE_BY);
  if (!same) process.stderr.write(`addons are not compared: g++ is ${versions.join(', ')}, not ${MADE_BY}\n`);
  return same;
}

describe.skipIf(!need('g++') || !compilerIsOurs())('the addons in the repository', () => {
  it.each(EACH)('%s/%s is made of its source', { timeout: 120_000 }, (arch, addon) => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-addon-'));
    try {
      buildAddon(arch, addon, join(folder, addon));
      expect(readFileSync(join(folder, addon)).equals(readFileSync(keptAddon(arch, addon)))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(EACH)('%s/%s is small', (arch, addon) => {
    expect(statSync(keptAddon(arch, addon)).size).toBeLessThan(100_000);
  });
});
