/** Calls about firmware: files, keys, one device's slots, and pushes to many devices. */
import { resolve } from 'node:path';
import { inspectFirmware } from '../firmware/inspect-firmware.ts';
import { preview } from '../firmware/preview.ts';
import { MusterError } from '../../shared/errors.ts';
import type { AreaHandlers, Parts } from './parts.ts';

/** A look at one device takes no longer than this, ms: it may be busy with an installation of somebody else. */
const PREVIEW_MS = 30_000;

export function firmwareHandlers({
  campaigns,
  clock,
  fleet,
  keyring,
  links,
  target,
}: Parts): AreaHandlers<'firmware' | 'campaign' | 'campaigns'> {
  const inspected = (path: string) => inspectFirmware(resolve(path), keyring);
  return {
    'firmware.inspect': ({ path }) => inspected(path),
    'firmware.state': ({ device }) => links.live(device).call.firmware({}),
    'firmware.rollBack': ({ device }) => links.live(device).call.rollBackFirmware({}),
    'firmware.keys': async () => ({ keys: await keyring.list() }),
    async 'firmware.trust'({ device, key: wanted }) {
      const { id, name, key } = await keyring.find(wanted);
      return links.live(device).call.trustKey({ key: { id, name, key } });
    },
    'firmware.revoke': ({ device, key }) => links.live(device).call.revokeKey({ key }),
    async 'campaign.preview'({ paths, devices }) {
      const files = await Promise.all(paths.map(inspected));
      const records = devices.map((device) => {
        const record = fleet.get(device);
        if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device });
        return record;
      });
      const rows = await preview(records, { files, target, clock, eachMs: PREVIEW_MS });
      return { files, rows };
    },
    'campaign.start': async ({ paths, ...order }) => ({
      campaign: await campaigns.start({ paths: paths.map((path) => resolve(path)), ...order }),
    }),
    'campaign.cancel'({ campaign }) {
      campaigns.cancel(campaign);
      return {};
    },
    'campaign.retry'({ campaign }) {
      campaigns.retry(campaign);
      return {};
    },
    'campaigns.snapshot': () => ({ campaigns: campaigns.snapshot() }),
  };
}
