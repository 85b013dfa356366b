/** From a device record to a pipe to its daemon: its addresses in turn, the pinned key, this laptop's own key. */
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Pipe } from '../../shared/pipe.ts';
import { layoutAt, daemonCommand } from '../install/layout.ts';
import { connectSsh, type SshConnection } from '../ssh/connection.ts';
import { refuseHostKey } from '../trust/host-key-decision.ts';

/** What a connection offers besides the record. */
export interface Credentials {
  ownKey: string;
  /** Socket of an SSH agent. */
  agent: string | undefined;
}

// Where a daemon listens, asked on each connection: the device may have been installed by somebody else.
const LOCATE =
  'for p in "$MUSTER_PREFIX" "" "$HOME/.muster"; do [ -S "$p/run/muster/muster.sock" ] && { printf "%s\\n" "=$p"; exit 0; }; done; exit 3';

/** Errors that say more than that an address did not answer, the most telling first. */
const TELLING = ['HOST_KEY_CHANGED', 'AUTH_FAILED', 'AUTH_NEEDED', 'DAEMON_NOT_STARTED', 'NOT_INSTALLED'];

/** Connects to the device of `record`. Throws what the most telling of its addresses threw. */
export async function openPipe(
  record: DeviceRecord,
  credentials: Credentials,
  signal: AbortSignal,
  log: Log,
): Promise<Pipe> {
  const pinned = record.hostKey;
  const { user } = record;
  if (!pinned || user === null) throw new MusterError('HOST_KEY_UNKNOWN', 'this device is not trusted yet');
  const errors: MusterError[] = [];
  for (const { host, port } of record.addresses) {
    try {
      const connection = await connectSsh({
        host,
        port,
        login: { user },
        ownKey: credentials.ownKey,
        agent: credentials.agent,
        pinnedType: pinned.type,
        verify: (offered) => refuseHostKey({ pinned: pinned.sha256, confirmed: null }, offered),
        signal,
        log,
      });
      return await pipeOver(connection, signal);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      errors.push(toMusterError(thrown));
    }
  }
  const rank = ({ code }: MusterError) => (TELLING.indexOf(code) + TELLING.length + 1) % (TELLING.length + 1);
  const [first] = errors.toSorted((a, b) => rank(a) - rank(b));
  throw (
    first ?? new MusterError('HOST_UNREACHABLE', 'no address of this device is known', { host: record.name })
  );
}

/** The daemon's pipe on a connection that lives and dies with it. */
async function pipeOver(connection: SshConnection, signal: AbortSignal): Promise<Pipe> {
  try {
    const { code, stdout } = await connection.exec(LOCATE, { signal });
    const found = /^=(.*)$/m.exec(stdout);
    if (code !== 0 || !found)
      throw new MusterError('DAEMON_NOT_STARTED', 'SSH answers, but no Muster daemon listens there');
    const layout = layoutAt(found[1] ?? '');
    return closingWith(await connection.pipe(layout.socket, daemonCommand(layout, 'bridge')), connection);
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

/** The same pipe; when it ends, so does the connection it was made on. */
function closingWith(pipe: Pipe, connection: SshConnection): Pipe {
  return {
    send: (message) => pipe.send(message),
    onMessage: (fn) => pipe.onMessage(fn),
    onClose: (fn) =>
      pipe.onClose((error) => {
        connection.close();
        fn(error);
      }),
    close() {
      pipe.close();
      connection.close();
    },
  };
}
