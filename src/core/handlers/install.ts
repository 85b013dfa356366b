/** Calls about putting the daemon on a device and taking it off again. */
import { statSync } from 'node:fs';
import type { DeviceRecord, Login } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { PublicKey } from '../../shared/firmware.ts';
import { openKeyring } from '../firmware/keyring.ts';
import { inspect, look } from '../install/inspect.ts';
import { install } from '../install/install.ts';
import { uninstall } from '../install/uninstall.ts';
import { connectDevice } from '../ssh/connect-device.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { offeredKey } from '../trust/host-key-decision.ts';
import type { AreaHandlers, Parts } from './parts.ts';

export function installHandlers(parts: Parts): AreaHandlers<'install' | 'uninstall'> {
  const {
    agent,
    clock,
    fleet,
    installSessions: sessions,
    jobs,
    links,
    log,
    ownKey,
    places,
    programs,
  } = parts;
  const daemon = { ...programs.daemon, bytes: statSync(programs.daemon.path).size };
  const inspectInput = { daemon, runtimeCache: places.cache, ownPublicLine: ownKey.publicLine };

  function known(device: string): DeviceRecord {
    const record = fleet.get(device);
    if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device });
    return record;
  }

  /** The first key of this laptop's own. A keyring that cannot be read stands in no installation's way. */
  async function ownSigningKey(): Promise<PublicKey | null> {
    try {
      const keys = await openKeyring(places.config).list();
      return keys.find(({ own }) => own) ?? null;
    } catch (thrown) {
      log('warn', 'no signing key', { why: toMusterError(thrown).message });
      return null;
    }
  }

  async function connect(record: DeviceRecord, login: Login, confirmed: string | null, signal?: AbortSignal) {
    const credentials = { ownKey: ownKey.privateKey, agent, login, confirmed };
    return connectDevice(record, credentials, signal ? { signal, log } : { log });
  }

  return {
    async 'install.inspect'({ device, login, trust }) {
      const record = known(device);
      let connection: SshConnection;
      try {
        connection = await connect(record, login, trust);
      } catch (thrown) {
        return { step: 'confirm-key', fingerprint: offeredKey(thrown) };
      }
      try {
        const { fingerprint } = connection;
        const signingKey = await ownSigningKey();
        const inspection = await inspect(connection, { ...inspectInput, signingKey });
        const { facts, plan } = inspection;
        const pinned = record.hostKey ?? { ...fingerprint, trustedAt: clock.wall() };
        const { model, system, arch, serial } = facts;
        fleet.update(device, { hostKey: pinned, user: login.user, model, system, arch, serial });
        const session = sessions.keep(device, { connection, inspection, login, signingKey });
        return { step: 'ready', session, fingerprint, facts, plan };
      } catch (thrown) {
        connection.close();
        throw thrown;
      }
    },

    'install.start'({ session: id, sudoPassword }) {
      const { device, session } = sessions.take(id);
      const { connection, inspection, login, signingKey } = session;
      const { facts } = inspection;
      const work = { kind: 'install' as const, title: `Install on ${known(device).name}`, device };
      const job = jobs.start(work, async ({ signal, steps, device: about }) => {
        try {
          const done = await install(connection, {
            ...inspectInput,
            inspection,
            signingKey,
            assetsDir: programs.assets,
            sudoPassword,
            onSteps: steps,
            signal,
            clock,
            log,
          });
          const { hostname, serial, model, arch, system } = facts;
          const lasting = fleet.adopt(device, { id: done.id, hostname, serial, model, arch, system });
          about(lasting);
          fleet.update(lasting, {
            mine: true,
            installed: true,
            daemonVersion: daemon.version,
            user: login.user,
          });
          links.review(known(lasting));
          return { device: lasting };
        } finally {
          connection.close();
        }
      });
      return { job };
    },

    'uninstall.start'({ device, password, sudoPassword, keepData }) {
      const record = known(device);
      const { user } = record;
      if (user === null)
        throw new MusterError('NOT_INSTALLED', 'not installed from here', { device: record.name });
      const work = { kind: 'uninstall' as const, title: `Remove from ${record.name}`, device };
      const job = jobs.start(work, async ({ signal, steps }) => {
        const connection = await connect(
          record,
          password === undefined ? { user } : { user, password },
          null,
          signal,
        );
        await links.hold(device);
        try {
          const { facts, layout } = await look(connection, {
            ownPublicLine: ownKey.publicLine,
            signingKey: null,
            signal,
          });
          await uninstall(connection, {
            facts,
            layout,
            sudoPassword,
            keepData,
            onSteps: steps,
            signal,
            clock,
            log,
          });
          fleet.update(device, { mine: false, installed: false, daemonVersion: null, sensors: null });
          return { device };
        } finally {
          connection.close();
          links.release(device);
        }
      });
      return { job };
    },
  };
}
