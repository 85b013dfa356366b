/**
 * Which chips the kernel's own drivers offer, by their files' names and their constants: nothing here asks a chip for a
 * value, so the root process can look. Reading them is the work of device/drivers/system, in a host.
 */
import type { Machine } from './machine.ts';

/** Quantities of a hwmon chip that we know (kernel: Documentation/hwmon/sysfs-interface). */
export const HWMON_WORDS = ['temp', 'in', 'curr', 'power', 'humidity', 'freq'] as const;
/** Channel types of an IIO device that we know (kernel: Documentation/ABI/testing/sysfs-bus-iio). */
export const IIO_WORDS = [
  'temp',
  'humidityrelative',
  'pressure',
  'illuminance',
  'voltage',
  'current',
  'power',
] as const;

export const HWMON_FOLDER = 'sys/class/hwmon';
export const IIO_FOLDER = 'sys/bus/iio/devices';

const HWMON_INPUT = new RegExp(`^(?:${HWMON_WORDS.join('|')})\\d+_input$`);
const IIO_INPUT = new RegExp(`^in_((${IIO_WORDS.join('|')})\\d*)_(input|raw)$`);

/** hwmon chips with at least one input we know, by name, or by folder where two have one name. */
export function hwmonChips(machine: Machine): string[] {
  return chips(machine, HWMON_FOLDER, (folder) =>
    machine.list(folder).some((file) => HWMON_INPUT.test(file)),
  );
}

/** IIO devices with at least one channel we know and can scale, named as hwmon chips are. */
export function iioDevices(machine: Machine): string[] {
  return chips(machine, IIO_FOLDER, (folder) => {
    const files = machine.list(folder);
    return files.some((file) => {
      const [, channel = '', type = '', form] = IIO_INPUT.exec(file) ?? [];
      if (form !== 'raw') return form === 'input';
      const scale = [`in_${channel}_scale`, `in_${type}_scale`].find((name) => files.includes(name));
      return scale !== undefined && Number.isFinite(Number(machine.text(`${folder}/${scale}`) ?? Number.NaN));
    });
  });
}

function chips(machine: Machine, root: string, offers: (folder: string) => boolean): string[] {
  const folders = machine.list(root).filter((folder) => offers(`${root}/${folder}`));
  const names = folders.map((folder) => machine.text(`${root}/${folder}/name`) ?? folder);
  return folders.map((folder, i) => {
    const name = names[i] ?? folder;
    return names.indexOf(name) === names.lastIndexOf(name) ? name : folder;
  });
}
