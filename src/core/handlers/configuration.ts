/** Calls about the configuration of devices. */
import type { DeviceContract } from '../../shared/device-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { Calls } from '../../shared/peer.ts';
import { applyConfiguration, type ApplyOptions } from '../configuration/apply.ts';
import type { AreaHandlers, Parts } from './parts.ts';
import { person } from './person.ts';

export function configurationHandlers({ clock, fleet, jobs, links }: Parts): AreaHandlers<'config'> {
  const call = (device: string): Calls<DeviceContract> => links.live(device).call;
  function begin(
    device: string,
    what: string,
    { keep = false, ...order }: ApplyOptions['order'] & { keep?: boolean | undefined },
  ): { job: string } {
    const record = fleet.get(device);
    if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device });
    const work = { kind: 'configure' as const, title: `${what} ${record.name}`, device };
    const job = jobs.start(work, async ({ signal, steps }) => {
      const { hash, note } = await applyConfiguration({
        call: () => call(record.id),
        order,
        keep,
        by: person(),
        clock,
        signal,
        onSteps: steps,
      });
      return note === null ? { hash } : { hash, note };
    });
    return { job };
  }
  return {
    'config.get': ({ device }) => call(device).configuration({}),
    'config.text': ({ device, hash }) => call(device).configurationText({ hash }),
    'config.schema': ({ device }) => call(device).configurationSchema({}),
    'config.check': ({ device, text }) => call(device).checkConfiguration({ text }),
    'config.apply': ({ device, ...order }) => begin(device, 'Configure', order),
    'config.revert': ({ device, ...order }) => begin(device, 'Take back the configuration of', order),
  };
}
