/** A make-believe device that runs Nerves, as the engine tells of one. */
import type { DeviceRecord, EngineContract } from '../../src/shared/engine-contract.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import { asksForKey, FINGERPRINT } from './fake-login.ts';

export function fakeNerves(options: {
  need: (id: string) => DeviceRecord;
  setDevice: (device: DeviceRecord) => void;
}): Pick<Handlers<EngineContract>, 'nerves.inspect'> {
  return {
    'nerves.inspect'({ device: id, login, trust, addKey }) {
      const device = options.need(id);
      if (asksForKey(device, login, trust)) return { step: 'confirm-key', fingerprint: FINGERPRINT };
      const hostKey = { ...FINGERPRINT, trustedAt: Date.now() };
      options.setDevice({ ...device, mine: true, hostKey, user: login.user });
      return {
        step: 'ready',
        fingerprint: FINGERPRINT,
        loggedInBy: addKey ? 'own key' : 'password',
        facts: {
          product: 'orchard',
          version: '1.1.0',
          uuid: '1c4f2d6e-0b7a-5c3d-8e9f-0a1b2c3d4e5f',
          platform: 'rpi4',
          architecture: 'aarch64',
          serial: '10000000abcd9f21',
          hostname: device.hostname,
          elixir: '1.18.4',
          active: 'a',
          next: 'a',
          validation: 'validated',
          uptimeMs: 3_600_000,
          rollback: 'yes',
        },
      };
    },
  };
}
