/** Makes one module of a team's driver and all it imports, as the daemon is made: nothing stands beside it on a device. */
import { join } from 'node:path';
import { MusterError } from '../../shared/errors.ts';

/**
 * The text of the module for `file` of the project `dir`. The same sources give the same text. Throws DRIVER_BROKEN
 * {driver, reason} for sources that make none, UNSUPPORTED where this Muster was installed without its bundler.
 */
export async function bundleDriver(dir: string, file: string): Promise<string> {
  const { rolldown } = await import('rolldown').catch((thrown: unknown) => {
    throw new MusterError(
      'UNSUPPORTED',
      'the bundler is missing: install Muster with its development parts (npm ci)',
      { device: 'This installation', reason: 'the bundler is missing' },
      thrown,
    );
  });
  try {
    const bundle = await rolldown({
      cwd: dir,
      input: join(dir, file),
      platform: 'node',
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
    await bundle.close();
    return output[0].code;
  } catch (thrown) {
    const reason = (thrown as Error).message.slice(0, 1000);
    throw new MusterError('DRIVER_BROKEN', `${file}: ${reason}`, { driver: file, reason }, thrown);
  }
}
