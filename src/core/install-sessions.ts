/**
 * Inspected devices waiting for a person to say go. A session keeps the open connection and what was found, so that
 * the plan that is carried out is the plan that was shown; a password lives no longer than its session.
 */
import { randomUUID } from 'node:crypto';
import type { Login } from '../shared/engine-contract.ts';
import { MusterError } from '../shared/errors.ts';
import type { PublicKey } from '../shared/firmware.ts';
import type { Clock } from '../shared/time.ts';
import type { Inspection } from './install/inspect.ts';
import type { SshConnection } from './ssh/connection.ts';

/** How long a person may read a plan before the connection is closed. */
const KEPT_MS = 600_000;

/** A device that was looked at. */
export interface InstallSession {
  connection: SshConnection;
  inspection: Inspection;
  login: Login;
  /** Whose firmware the device is to take, null when this laptop has no key. */
  signingKey: PublicKey | null;
}

/** Anything that is closed when nobody wants it any more. */
interface Closable {
  connection: { close(): void };
}

/** Sessions by id. */
export interface Sessions<S extends Closable> {
  /** Keeps a session and returns its id; an earlier one of the same device is closed. */
  keep(device: string, session: S): string;
  /** Hands a session over to whoever asked first; it is no longer kept. Throws SESSION_UNKNOWN. */
  take(id: string): { device: string; session: S };
  /** Ends all that are kept; their connections would keep a command from ending. */
  close(): void;
}

/** An empty keeper. */
export function createSessions<S extends Closable>(clock: Clock): Sessions<S> {
  const kept = new Map<string, { device: string; session: S; cancel: () => void }>();
  const drop = (id: string) => {
    kept.get(id)?.cancel();
    kept.get(id)?.session.connection.close();
    kept.delete(id);
  };
  return {
    keep(device, session) {
      for (const [id, other] of kept) if (other.device === device) drop(id);
      const id = randomUUID();
      kept.set(id, { device, session, cancel: clock.after(KEPT_MS, () => drop(id)) });
      return id;
    },
    take(id) {
      const found = kept.get(id);
      if (!found)
        throw new MusterError('SESSION_UNKNOWN', 'that look at the device is over', { session: id });
      found.cancel();
      kept.delete(id);
      return { device: found.device, session: found.session };
    },
    close() {
      for (const id of kept.keys()) drop(id);
    },
  };
}
