/**
 * Runs the steps of a lab one by one on a machine that it switches on, and says what each has seen: a line a step on
 * standard error, one line of JSON at the end; exit code 1 when something was not as it must be, 2 when the lab could not
 * begin. Names of steps as arguments leave the others out; `--keep` leaves the machine's folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from './common-steps.ts';
import { Laptop } from './laptop.ts';
import { VirtualMachine, type Hardware } from './virtual-machine.ts';

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Plan {
  name: string;
  /** What has to be installed first. */
  missing: readonly string[];
  /** Makes the machine, whose files go to `folder`. `key`: lets root in. */
  build: (folder: string) => Promise<{ hardware: Hardware; key: string }>;
  steps: Readonly<Record<string, (lab: Lab) => Promise<object>>>;
}

export async function runLab({ name, missing, build, steps }: Plan): Promise<void> {
  const named = process.argv.slice(2).filter((word) => word !== '--keep');
  const unknown = named.filter((word) => !Object.hasOwn(steps, word));
  if (unknown.length > 0) say(`No step ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}.`);
  if (missing.length > 0)
    say(`The lab was skipped for want of:\n${missing.map((part) => `- ${part}`).join('\n')}`);
  if (unknown.length > 0 || missing.length > 0) {
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'muster-lab-'));
  const { hardware, key } = await build(folder);
  const machine = await VirtualMachine.make(hardware, key, folder);
  const laptop = new Laptop(`127.0.0.1:${machine.port}`);
  const lab: Lab = { machine, laptop, folder };
  const seen: Record<string, unknown> = {};
  try {
    say('booting …');
    seen['boot_s'] = await machine.boot();
    say(`✓ boot ${String(seen['boot_s'])} s`);
    for (const [step, run] of Object.entries(steps)) {
      if (named.length > 0 && !named.includes(step)) continue;
      const from = performance.now();
      const found = await run(lab);
      seen[step] = { ...found, seconds: Math.round((performance.now() - from) / 1000) };
      say(`✓ ${step} ${JSON.stringify(seen[step])}`);
    }
  } catch (thrown) {
    seen['failed'] = String(thrown);
    say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    if (machine.running) say(machine.try('journalctl -u muster -n 60 --no-pager').stdout);
    process.exitCode = 1;
  } finally {
    await machine.cutPower();
    laptop.remove();
    if (process.argv.includes('--keep')) say(`kept: ${folder}`);
    else rmSync(folder, { recursive: true });
  }
  process.stdout.write(`${JSON.stringify({ lab: name, ...seen })}\n`);
}
