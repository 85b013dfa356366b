/** From what a person typed to a device: its name, id, host name, `host` or `host:port`. */
import type { Engine } from '../core/engine.ts';
import type { DeviceRecord } from '../shared/engine-contract.ts';
import { MusterError } from '../shared/errors.ts';

/** Splits `host`, `host:port`, `[v6]:port`. Throws BAD_INPUT for a port that is none. */
export function parseHost(text: string, port: number | undefined): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*?))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const chosen = port ?? Number(match?.[3] ?? 22);
  if (!host || !Number.isInteger(chosen) || chosen < 1 || chosen > 65535)
    throw new MusterError('BAD_INPUT', `"${text}" is not a host or host:port`, {
      field: 'HOST',
      value: text,
    });
  return { host, port: chosen };
}

/** The known device that `text` names, or undefined. Two of one name: BAD_INPUT that lists their addresses. */
export function matchDevice(devices: DeviceRecord[], text: string): DeviceRecord | undefined {
  const wanted = text.toLowerCase();
  const address = (device: DeviceRecord) => device.addresses.map(({ host, port }) => `${host}:${port}`);
  const found = devices.filter(
    (device) =>
      device.id === text ||
      device.name.toLowerCase() === wanted ||
      device.hostname?.toLowerCase() === wanted ||
      device.hostname?.toLowerCase() === wanted.replace(/\.local\.?$/, '') ||
      address(device).includes(wanted) ||
      address(device).includes(`${wanted}:22`),
  );
  if (found.length > 1)
    throw new MusterError('BAD_INPUT', `"${text}" is the name of ${found.length} devices`, {
      field: 'HOST',
      value: text,
      candidates: found.map((device) => address(device)[0] ?? device.id).join(', '),
    });
  return found[0];
}

/** The device `text` names; an address that is not known yet is probed and added. */
export async function findDevice(engine: Engine, text: string, port?: number): Promise<DeviceRecord> {
  const list = async () => (await engine.handlers['fleet.snapshot']({})).devices;
  const known = port === undefined ? matchDevice(await list(), text) : undefined;
  if (known) return known;
  const { device } = await engine.handlers['fleet.addAddress'](parseHost(text, port));
  const added = (await list()).find(({ id }) => id === device);
  if (!added) throw new MusterError('DEVICE_UNKNOWN', `${text} is gone again`, { device: text });
  return added;
}
