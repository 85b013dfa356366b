/** A daemon as a process with a broker as a bus: what its sensors say, and what was recorded of them. */
import { qualityName, type Cursor } from '../../src/shared/reading.ts';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { TestPrefix, unpack, type DaemonProcess } from './daemon-process.ts';

type Bus = Record<string, unknown>;

/** A daemon that hears `broker` as the bus `house`, with these sensors (each: id, driver, options). */
export async function hearingDaemon(
  bus: Bus,
  sensors: readonly { id: string; driver: string; options: Record<string, unknown> }[],
  files: Record<string, { text: string; mode: number }> = {},
): Promise<HearingDaemon> {
  const prefix = new TestPrefix();
  const own = sensors.map((sensor) => ({ ...sensor, bus: 'house', periodMs: 100 }));
  prefix.config(
    JSON.stringify({
      version: 1,
      buses: [
        { id: 'house', kind: 'mqtt', ...bus },
        { id: 'lines', kind: 'sim-gpio', chips: [{ chip: 'switch', line: 5 }] },
      ],
      sensors: [
        ...own,
        { id: 'beside', driver: 'gpio-input', bus: 'lines', periodMs: 50, options: { line: 5 } },
      ],
    }),
  );
  for (const [name, { text, mode }] of Object.entries(files))
    prefix.write(`var/lib/muster/${name}`, text, mode);
  const daemon = await prefix.run();
  return new HearingDaemon(prefix, await prefix.connect(), daemon);
}

export class HearingDaemon {
  readonly client: Client<DeviceContract>;
  readonly pid: number;
  /** All that the daemon has logged. */
  readonly said: () => string;
  /** Where the files lie that the configuration names. */
  readonly folder: string;
  readonly #prefix: TestPrefix;

  constructor(
    prefix: TestPrefix,
    client: Client<DeviceContract>,
    { process: { pid = 0 }, said }: DaemonProcess,
  ) {
    this.#prefix = prefix;
    this.client = client;
    this.pid = pid;
    this.said = said;
    this.folder = prefix.state;
  }

  /** State and words of a sensor. */
  async state(sensor: string): Promise<{ state: string; lastError: string } | null> {
    const { sensors } = await this.client.call.status({});
    const row = sensors.find((one) => one.sensor === sensor);
    return row ? { state: row.state, lastError: row.lastError ?? '' } : null;
  }

  /** All readings of a channel so far, in order: `21.3 ok`. */
  async recorded(sensor: string, channel: string): Promise<string[]> {
    const channels = (await this.client.call.runs({ from: 1 })).runs[0]?.channels ?? [];
    const wanted = channels.find((row) => row.sensor === sensor && row.channel === channel)?.index;
    const found: string[] = [];
    for (let after: Cursor | null = null; ;) {
      const { batches }: { batches: { run: number; batch: number; data: Uint8Array }[] } =
        await this.client.call.pull({ after, maxBytes: 1_000_000, waitMs: 0 });
      if (batches.length === 0) return found;
      for (const { run, batch, data } of batches) {
        after = { run, batch };
        const columns = unpack(data);
        for (const [i, number] of columns.channel.entries())
          if (number === wanted)
            found.push(`${columns.value[i]} ${qualityName(columns.quality[i] as number)}`);
      }
    }
  }

  /** Restarts below the root, of hosts and sensors. */
  async restarts(): Promise<string[]> {
    const { rows } = await this.client.call.tree({});
    return rows.filter(({ restarts }) => restarts > 0).map(({ path }) => path);
  }

  remove(): Promise<void> {
    return this.#prefix.remove();
  }
}
