/** Calls about the engine itself, its devices and the search for them. */
import { basename } from 'node:path';
import { PROTOCOL } from '../../shared/device-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { outputCalls } from '../../shared/output-calls.ts';
import { VERSION } from '../../shared/version.ts';
import { configuredTarget } from '../ssh/ssh-config.ts';
import type { AreaHandlers, Parts } from './parts.ts';
import { person } from './person.ts';

export function fleetHandlers({
  archive,
  clock,
  discovery,
  fleet,
  jobs,
  links,
  places,
  settings,
}: Parts): Omit<
  AreaHandlers<'engine' | 'fleet' | 'discovery' | 'jobs' | 'device' | 'trust'>,
  keyof typeof outputCalls
> {
  return {
    'engine.info': () => ({
      version: VERSION,
      site: basename(places.site),
      sitePath: places.site,
      platform: process.platform,
      protocol: PROTOCOL,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      person: person(),
      offersTime: settings.offerTime,
      archiveSetAside: archive.setAside,
    }),
    async 'engine.offerTime'({ offer }) {
      await settings.choose({ offerTime: offer });
      return {};
    },
    'fleet.snapshot': () => ({ devices: fleet.snapshot() }),
    async 'fleet.addAddress'({ host, port }) {
      const device = await fleet.addAddress(host, port);
      const { user } = await configuredTarget({ host, port });
      if (user !== null && fleet.get(device)?.user === null) fleet.update(device, { user });
      return { device };
    },
    async 'fleet.forget'({ device }) {
      await links.hold(device);
      await fleet.forget(device);
      links.release(device);
      return {};
    },
    'fleet.refresh'() {
      discovery()?.refresh();
      fleet.refresh();
      return {};
    },
    'discovery.status': () =>
      discovery()?.status() ?? { interfaces: [], advice: 'This engine does not look for devices.' },
    'trust.replace'({ device, sha256 }) {
      const record = fleet.get(device);
      if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device });
      const refused = record.link.error;
      const offered = refused?.code === 'HOST_KEY_CHANGED' ? refused.details : {};
      // only the key that was refused and shown can be trusted in the old one's place
      if (offered['sha256'] !== sha256)
        throw new MusterError('HOST_KEY_CHANGED', 'the device shows yet another key: compare again', {
          device: record.name,
        });
      const { type, words } = offered;
      fleet.update(device, {
        hostKey: { sha256, type: String(type), words: String(words), trustedAt: clock.wall() },
      });
      links.live(device).retry();
      return {};
    },
    'jobs.snapshot': () => ({ jobs: jobs.snapshot() }),
    'jobs.cancel'({ job }) {
      jobs.cancel(job);
      return {};
    },
    'device.status': ({ device }) => links.live(device).call.status({}),
    'device.clock': ({ device }) => links.live(device).call.clock({}),
    'device.setClock': ({ device }) => links.offerTime(device),
    'device.tree': ({ device }) => links.live(device).call.tree({}),
    'device.restartBranch': ({ device, path }) => links.live(device).call.restartBranch({ path }),
    'device.takeOut': ({ device, sensor }) => links.live(device).call.takeOut({ sensor }),
    'device.putBack': ({ device, sensor }) => links.live(device).call.putBack({ sensor }),
    'device.leaveSafeMode': ({ device }) => links.live(device).call.leaveSafeMode({}),
  };
}
