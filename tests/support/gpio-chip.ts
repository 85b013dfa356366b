/** A process of its own with a GPIO chip and an SPI bus of the kernel's structures preloaded (gpio-lines.c). */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs `child`, a file beside this one, with the folder of the chip's files as its argument; the JSON it prints. */
export async function withGpioChip(child: string): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-gpio-'));
  try {
    const library = join(folder, 'lines.so');
    const source = join(import.meta.dirname, 'gpio-lines.c');
    execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl']);
    const program = [join(import.meta.dirname, child), folder];
    const { stdout } = await promisify(execFile)(process.execPath, program, {
      env: { PATH: process.env['PATH'], LD_PRELOAD: library, MUSTER_GPIO: folder },
      timeout: 60_000,
    });
    return JSON.parse(stdout) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
