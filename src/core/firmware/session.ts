/** A push's own talk with a device's daemon, apart from the link: hello first, then the calls about firmware. */
import { hostname } from 'node:os';
import { deviceContract, PROTOCOL } from '../../shared/device-contract.ts';
import { deviceFirmwareCalls } from '../../shared/device-firmware-calls.ts';
import { connectPeer, type Calls, type Contract } from '../../shared/peer.ts';
import type { Pipe } from '../../shared/pipe.ts';
import { VERSION } from '../../shared/version.ts';
import { checkHello } from '../link/link.ts';

/** What a push needs of the device contract. */
const pushContract = {
  calls: { hello: deviceContract.calls.hello, ...deviceFirmwareCalls },
  events: {},
} satisfies Contract;
export type PushCalls = Calls<typeof pushContract>;

export interface Session {
  readonly call: PushCalls;
  /** Number of the daemon's run: another one after every start. */
  readonly run: number;
  readonly closed: boolean;
  close(): void;
}

/** Connects and greets. Throws what `open` throws, DEVICE_UNKNOWN, PROTOCOL_MISMATCH, CLOSED. */
export async function openSession(
  open: (signal: AbortSignal) => Promise<Pipe>,
  device: string,
  signal: AbortSignal,
): Promise<Session> {
  const client = connectPeer(await open(signal), pushContract);
  const end = () => client.close();
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    const hello = await client.call.hello({
      protocol: PROTOCOL,
      client: `push from ${hostname()}`.slice(0, 200),
      clientVersion: VERSION,
    });
    checkHello(hello, device);
    return {
      call: client.call,
      run: hello.run,
      get closed() {
        return client.closed;
      },
      close: end,
    };
  } catch (thrown) {
    end();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
