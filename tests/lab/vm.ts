/**
 * `npm run lab:vm`: a Debian machine under live systemd as a device, and the command line as a person uses it: install,
 * measure on the kernel's I2C bus, a daemon that hangs, reboot, power cuts, good and bad firmware, uninstall.
 * The machine is QEMU's, without hardware of its own and reached on loopback alone. Steps on standard error, one line of
 * JSON at the end; exit code 1 when something was not as it must be. `--keep` leaves the machine's folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutPower, hang, install, kernelBus, reboot, uninstall, type Lab } from './vm-steps.ts';
import { badFirmware, cutInTrial, goodFirmware } from './vm-firmware-steps.ts';
import { Laptop } from './laptop.ts';
import { VirtualMachine } from './virtual-machine.ts';
import { missingForVm, vmImage } from './vm-image.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const missing = missingForVm();
if (missing.length > 0) {
  say(`The lab wants ${missing.join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'muster-lab-'));
const machine = await VirtualMachine.make(vmImage(say), folder);
const laptop = new Laptop(`127.0.0.1:${machine.port}`);
const lab: Lab = { machine, laptop, folder };
const steps = {
  install,
  kernelBus,
  hang,
  reboot,
  cutPower,
  goodFirmware,
  badFirmware,
  cutInTrial,
  uninstall,
};
const seen: Record<string, unknown> = {};
try {
  say('booting …');
  seen['boot_s'] = await machine.boot();
  for (const [name, step] of Object.entries(steps)) {
    const from = performance.now();
    const found = await step(lab);
    seen[name] = { ...found, seconds: Math.round((performance.now() - from) / 1000) };
    say(`✓ ${name} ${JSON.stringify(seen[name])}`);
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
process.stdout.write(`${JSON.stringify({ lab: 'vm', ...seen })}\n`);
