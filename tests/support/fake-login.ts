/** What make-believe devices show and take at a login. */
import type { DeviceRecord, Fingerprint, Login } from '../../src/shared/engine-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';

/** The password every make-believe device takes. */
export const FAKE_PASSWORD = 'raspberry';
export const FINGERPRINT: Fingerprint = {
  sha256: 'SHA256:Zx8Vb1N7mQ4wE2rT6yU9iO0pA3sD5fG8hJ1kL4zX7cM',
  type: 'ssh-ed25519',
  words: 'silver anchor meadow piano turtle four',
};

/** True when a person has to confirm the key first. Throws HOST_KEY_CHANGED, AUTH_FAILED. */
export function asksForKey(device: DeviceRecord, login: Login, trust: string | null): boolean {
  if (!device.hostKey && trust !== FINGERPRINT.sha256) return true;
  if (device.link.error?.code === 'HOST_KEY_CHANGED')
    throw new MusterError('HOST_KEY_CHANGED', device.link.error.message, device.link.error.details);
  if (login.password !== undefined && login.password !== FAKE_PASSWORD)
    throw new MusterError('AUTH_FAILED', `user ${login.user} was not let in`, {
      user: login.user,
      methods: 'publickey,password',
    });
  return false;
}
