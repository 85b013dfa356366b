/** From a device record to an SSH connection: its addresses in turn, the pinned key, our own key, `~/.ssh/config`. */
import type { DeviceRecord, Login } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { refuseHostKey } from '../trust/host-key-decision.ts';
import { connectSsh, type SshConnection } from './connection.ts';
import { configuredTarget } from './ssh-config.ts';

/** What a connection offers besides the record. */
export interface Credentials {
  /** Muster's own private key. */
  ownKey: string;
  /** Socket of an SSH agent. */
  agent: string | undefined;
  login: Login;
  /** The fingerprint a person has just confirmed, null when nobody did. */
  confirmed: string | null;
}

/** Errors that say more than that an address did not answer, the most telling first. */
const TELLING = [
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_CHANGED',
  'KEY_FILE_BAD',
  'AUTH_FAILED',
  'AUTH_NEEDED',
  'CANCELLED',
];

function rank({ code }: MusterError): number {
  const at = TELLING.indexOf(code);
  return at < 0 ? TELLING.length : at;
}

/**
 * Connects to the device of `record` at the first address that takes us. Throws what the most telling of its
 * addresses threw: HOST_KEY_UNKNOWN with the fingerprint in its details, HOST_KEY_CHANGED, AUTH_…, HOST_…
 */
export async function connectDevice(
  record: DeviceRecord,
  credentials: Credentials,
  { signal, log }: { signal?: AbortSignal; log: Log },
): Promise<SshConnection> {
  const pinned = record.hostKey;
  const known = { pinned: pinned?.sha256 ?? null, confirmed: credentials.confirmed };
  const errors: MusterError[] = [];
  for (const { host, port } of record.addresses) {
    try {
      const { user: _, ...target } = await configuredTarget({ host, port });
      return await connectSsh({
        ...target,
        login: credentials.login,
        ownKey: credentials.ownKey,
        agent: credentials.agent,
        pinnedType: pinned?.type,
        verify: (offered) => refuseHostKey(known, offered),
        signal,
        log,
      });
    } catch (thrown) {
      const error = toMusterError(thrown);
      errors.push(
        new MusterError(
          error.code,
          error.message,
          { device: record.name, host, port, ...error.details },
          error.cause,
        ),
      );
      if (signal?.aborted) break;
    }
  }
  const [first] = errors.toSorted((a, b) => rank(a) - rank(b));
  throw (
    first ?? new MusterError('HOST_UNREACHABLE', 'no address of this device is known', { host: record.name })
  );
}
