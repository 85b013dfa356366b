/**
 * `npm run lab:vm`: a Debian machine under live systemd as a device, and the command line as a person uses it: install,
 * measure on the kernel's I2C bus, a daemon that hangs, reboot, power cuts, good and bad firmware, uninstall.
 * The machine is QEMU's, without hardware of its own and reached on loopback alone.
 */
import { join } from 'node:path';
import { uninstall } from './common-steps.ts';
import { runLab, say } from './run-lab.ts';
import { badFirmware, cutInTrial, goodFirmware } from './vm-firmware-steps.ts';
import { missingForVm, pc, vmImage } from './vm-image.ts';
import { cutPower, hang, install, kernelBus, reboot } from './vm-steps.ts';

await runLab({
  name: 'vm',
  missing: missingForVm(),
  async build(folder) {
    const image = vmImage(say);
    return { hardware: pc(image, join(folder, 'disk.qcow2')), key: image.key };
  },
  steps: { install, kernelBus, hang, reboot, cutPower, goodFirmware, badFirmware, cutInTrial, uninstall },
});
