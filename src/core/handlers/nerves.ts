/** Calls about devices that run Nerves. */
import { MusterError } from '../../shared/errors.ts';
import { atomName, elixirString } from '../nerves/inspect-text.ts';
import { evaluator, identify, requireElixir, type Evaluate } from '../nerves/identify.ts';
import { connectDevice } from '../ssh/connect-device.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { offeredKey } from '../trust/host-key-decision.ts';
import type { AreaHandlers, Parts } from './parts.ts';

export function nervesHandlers({ agent, clock, fleet, log, ownKey }: Parts): AreaHandlers<'nerves'> {
  return {
    async 'nerves.inspect'({ device, login, trust, addKey }) {
      const record = fleet.get(device);
      if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device });
      let connection: SshConnection;
      try {
        const credentials = { ownKey: ownKey.privateKey, agent, login, confirmed: trust };
        connection = await connectDevice(record, credentials, { log });
      } catch (thrown) {
        return { step: 'confirm-key', fingerprint: offeredKey(thrown) };
      }
      try {
        const { fingerprint, loggedInBy } = connection;
        await requireElixir(connection);
        const evaluate = evaluator(connection);
        const facts = await identify(evaluate);
        const letIn = addKey && loggedInBy !== 'own key' && (await addOwnKey(evaluate, ownKey.publicLine));
        const { platform, architecture, serial, product, version } = facts;
        fleet.update(record.id, {
          kind: 'nerves',
          // pinned, known and thus kept; not installed: there is no daemon of ours to link to
          mine: true,
          hostKey: record.hostKey ?? { ...fingerprint, trustedAt: clock.wall() },
          user: login.user,
          model: platform ?? record.model,
          arch: architecture ?? record.arch,
          serial: serial ?? record.serial,
          system: product === null ? 'Nerves' : `Nerves: ${product} ${version ?? ''}`.trim(),
        });
        return { step: 'ready', fingerprint, facts, loggedInBy: letIn ? 'own key' : loggedInBy };
      } finally {
        connection.close();
      }
    },
  };
}

/** Has nerves_ssh let a key in; it keeps it on its application partition. Throws REFUSED. */
async function addOwnKey(evaluate: Evaluate, line: string): Promise<true> {
  const answer = await evaluate(`NervesSSH.add_authorized_key(${elixirString(line)})`);
  if (atomName(answer) === 'ok') return true;
  throw new MusterError('REFUSED', 'add_authorized_key did not answer :ok', {
    reason: 'it did not take the key of this laptop (nerves_ssh 0.3 or newer is needed)',
  });
}
