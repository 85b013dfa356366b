/**
 * The folder of a demo fleet that nobody named: made for one start, and cleared by the next start when that one
 * was killed before it could clear up itself.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../shared/time.ts';
import { endHostedProcesses } from './hosted-processes.ts';
import { removeFolder } from './virtual-fleet.ts';

const PREFIX = 'muster-demo-';
/** Holds the process id of the demo that uses the folder. */
const OWNER = '.owner';

/** Makes a folder of one's own, `<temporary folder>/muster-demo-XXXXXX`, mode 0700. */
export async function newDemoFolder(under = tmpdir()): Promise<string> {
  const dir = await mkdtemp(join(under, PREFIX));
  await writeFile(join(dir, OWNER), `${process.pid}\n`);
  return dir;
}

/** Removes a folder that `newDemoFolder` made; one that still holds a device stays, for the next start to clear. */
export async function removeDemoFolder(dir: string): Promise<void> {
  if ((await readdir(dir)).some((name) => name !== OWNER)) return;
  await rm(dir, { recursive: true, force: true });
}

/** Ends what runs in folders of demos that died, and removes those. Answers with the folders cleared. */
export async function clearLeftovers(clock: Clock, under = tmpdir()): Promise<string[]> {
  const cleared: string[] = [];
  for (const name of await readdir(under)) {
    const dir = join(under, name);
    if (!name.startsWith(PREFIX) || !(await isLeftover(dir))) continue;
    const folders = (await readdir(dir)).filter((entry) => entry !== OWNER).map((entry) => join(dir, entry));
    await endHostedProcesses(folders, clock);
    await Promise.all(folders.map(removeFolder));
    // Another demo that starts now may clear the same folder.
    await removeDemoFolder(dir).catch(() => {});
    cleared.push(dir);
  }
  return cleared;
}

async function isLeftover(dir: string): Promise<boolean> {
  try {
    if ((await stat(dir)).uid !== process.getuid?.()) return false;
    const owner = Number(await readFile(join(dir, OWNER), 'utf8'));
    return owner > 0 && !isRunning(owner);
  } catch {
    return false;
  }
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
