/** Taking Muster off a make-believe device. One whose link says that this laptop's key is refused asks for passwords. */
import type { DeviceRecord, EngineContract } from '../../src/shared/engine-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import { bareDevice } from './fake-fleet.ts';
import { waitingStep, type FakeJobs } from './fake-jobs.ts';
import { FAKE_PASSWORD } from './fake-login.ts';

export function fakeUninstall(parts: {
  work: FakeJobs;
  need: (id: string) => DeviceRecord;
  setDevice: (device: DeviceRecord) => void;
}): Pick<Handlers<EngineContract>, 'uninstall.start'> {
  const { work, need, setDevice } = parts;
  return {
    'uninstall.start'({ device: id, keepData, password, sudoPassword }) {
      const { name, newest, user, link } = need(id);
      const journal = keepData ? 'the journal stays' : 'the journal goes too';
      const steps = [
        waitingStep('stop', 'Stop the service', null),
        waitingStep('remove', 'Take back the changes', journal),
      ];
      const job = work.start('uninstall', `Removing Muster from ${name}`, id, steps, () => {
        if (link.error?.code === 'AUTH_FAILED') {
          if (password === undefined) throw new MusterError('AUTH_NEEDED', 'no key is taken', { user, name });
          if (password !== FAKE_PASSWORD) throw new MusterError('AUTH_FAILED', 'not let in', { user, name });
          if (sudoPassword === null) throw new MusterError('SUDO_PASSWORD_NEEDED', 'sudo asks', { name });
        }
        setDevice({ ...bareDevice(id, name, Date.now()), newest });
        return null;
      });
      return { job };
    },
  };
}
