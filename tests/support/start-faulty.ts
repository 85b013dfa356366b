/** A daemon with misbehaving drivers for one test, and a laptop that has said hello to it. */
import { onTestFinished } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { TestPrefix, type DaemonProcess } from './daemon-process.ts';
import { faultyBundle } from './faulty-process.ts';

export interface FaultyDaemon {
  prefix: TestPrefix;
  daemon: DaemonProcess;
  client: Client<DeviceContract>;
}

/** Starts it; `config` may want to know its folder. It ends with the test. */
export async function startFaulty(config: string | ((folder: string) => string)): Promise<FaultyDaemon> {
  const prefix = new TestPrefix({}, faultyBundle);
  onTestFinished(() => prefix.remove());
  prefix.config(typeof config === 'string' ? config : config(prefix.path));
  const daemon = await prefix.run();
  const client = await prefix.connect();
  onTestFinished(() => client.close());
  return { prefix, daemon, client };
}
