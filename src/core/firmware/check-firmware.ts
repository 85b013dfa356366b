/** Asks the daemon of a firmware, before it is packed, whether it can use the configuration and drivers beside it. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { MusterError } from '../../shared/errors.ts';
import { CONFIG_PATH, DAEMON_PATH } from '../../shared/firmware.ts';
import type { BundleInput } from './build-bundle.ts';

/** A driver that loops while it is loaded ends here, ms. */
const LIMIT_MS = 60_000;
/** Exit codes of `muster-daemon check`. */
const CONFIG_WRONG = 3;

/**
 * Lays the files out as in a slot and runs the daemon's own check there. Answers its lines about sensors that will
 * fail. Throws CONFIG_INVALID {reason}, DRIVER_BROKEN {driver, reason}.
 */
export async function checkFirmware(files: readonly BundleInput[]): Promise<string[]> {
  const slot = await mkdtemp(join(tmpdir(), 'muster-check-'));
  try {
    for (const { path, content } of files) {
      const at = join(slot, path);
      await mkdir(dirname(at), { recursive: true });
      await writeFile(at, await buffer(Readable.from(content.read())));
    }
    const { code, stdout, stderr } = await run(slot);
    const reason = stderr.trim().slice(0, 1000);
    if (code === CONFIG_WRONG) throw new MusterError('CONFIG_INVALID', reason, { path: CONFIG_PATH, reason });
    if (code !== 0)
      throw new MusterError('DRIVER_BROKEN', reason || 'the check of its drivers did not end', {
        reason: reason || 'the check did not end',
      });
    return stdout.split('\n').filter((line) => line.includes('will fail'));
  } finally {
    await rm(slot, { recursive: true, force: true });
  }
}

function run(slot: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    MUSTER_PREFIX: join(slot, 'prefix'),
    // Electron's binary is a Node too when told so; plain Node does not mind
    ELECTRON_RUN_AS_NODE: '1',
  };
  const program = process.env['MUSTER_NODE'] ?? process.execPath;
  return new Promise((resolve) => {
    execFile(
      program,
      [join(slot, DAEMON_PATH), 'check'],
      { env, cwd: slot, timeout: LIMIT_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
