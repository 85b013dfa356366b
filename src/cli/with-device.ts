/** Runs a command with one linked device of the site. */
import type { Engine } from '../core/engine.ts';
import type { DeviceRecord } from '../shared/engine-contract.ts';
import { MusterError } from '../shared/errors.ts';
import { findDevice } from './find-device.ts';
import type { CommandContext } from './main.ts';
import { withEngine } from './with-engine.ts';

/** Runs `work` with the device that `host` names. `quiet`: it is meant to come and go. Throws NOT_INSTALLED. */
export function withDevice(
  context: CommandContext,
  host: string,
  work: (engine: Engine, device: DeviceRecord) => Promise<void>,
  { quiet = false } = {},
): Promise<void> {
  return withEngine(context, { watch: true, quiet }, async (engine) => {
    await work(engine, await linkedDevice(engine, host));
  });
}

/** The device that `host` names, linked. Throws NOT_INSTALLED. */
export async function linkedDevice(engine: Engine, host: string): Promise<DeviceRecord> {
  const device = await findDevice(engine, host);
  if (!device.mine)
    throw new MusterError('NOT_INSTALLED', `${device.name} is not a device of this site`, {
      device: device.name,
    });
  await engine.linked(device.id);
  return device;
}
