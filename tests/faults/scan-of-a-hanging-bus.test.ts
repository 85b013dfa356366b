/**
 * A person looks for chips on a bus that hangs: told in words and in a time that is known, while control answers and
 * the other buses miss nothing. With a simulated chip that holds the wire, and with Linux' own bus whose transfer does
 * not come back.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { TestPrefix } from '../support/daemon-process.ts';
import { Readings } from '../support/faulty-process.ts';
import { ADAPTER, RegisterAdapter } from '../support/i2c-adapter.ts';
import { i2cSlot } from '../support/i2c-slot.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

/** Longest wait for the words: one answer, and a start of a process on a loaded machine. */
const WORDS_MS = 15_000;

/** A look that held the bus would make one of 3 s; a machine under load skips a tick or two of 100 ms. */
const LONGEST_GAP_MS = 1000;

let prefix: TestPrefix | undefined;
let client: Client<DeviceContract> | undefined;
afterEach(async () => {
  client?.close();
  await prefix?.remove();
});

/** The error's code and words, and how long they took. */
async function looked(bus: string): Promise<{ code: string; words: string; ms: number }> {
  const begun = performance.now();
  const answer = await client?.call.scanBus({ bus }).then(
    () => ({ code: 'none', words: '' }),
    ({ code, message }: { code: string; message: string }) => ({ code, words: message }),
  );
  return { ...(answer ?? { code: '', words: '' }), ms: performance.now() - begun };
}

it(
  'is told of the chip behind which nothing came back; the other bus reads on',
  { timeout: 90_000 },
  async () => {
    prefix = new TestPrefix();
    prefix.config(`
version: 1
journal: { flushMs: 50, idleFlushMs: 50 }
buses:
  - id: sick
    kind: sim
    chips: [{ chip: bme280, address: 0x76 }, { chip: sht4x, address: 0x44, hanging: true }]
  - { id: well, kind: sim, chips: [{ chip: tmp102, address: 0x48 }] }
sensors:
  - { id: air, driver: bme280, bus: sick, periodMs: 100 }
  - { id: water, driver: tmp102, bus: well, periodMs: 100 }
`);
    await prefix.run();
    client = await prefix.connect();
    const readings = new Readings(client);
    await until(async () => {
      await readings.take();
      return readings.of('water').length > 2 && readings.of('air').length > 2;
    }, 'the first readings');
    const { code, words, ms } = await looked('sick');
    expect([code, words]).toEqual(['BUS_STUCK', 'sick hangs: nothing came back from 0x44 in 3 s']);
    expect(ms).toBeLessThan(WORDS_MS);
    await readings.take();
    for (const sensor of ['water', 'air']) {
      const times = readings.of(sensor);
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
      expect(Math.max(...gaps)).toBeLessThan(LONGEST_GAP_MS);
    }
  },
);

it(
  'whose host is killed meanwhile: told as that, and a later look is one of the new host',
  { timeout: 90_000 },
  async () => {
    prefix = new TestPrefix();
    prefix.config(`
version: 1
buses: [{ id: sick, kind: sim, chips: [{ chip: tmp102, address: 0x48 }, { chip: sht4x, address: 0x44, hanging: true }] }]
sensors: [{ id: air, driver: tmp102, bus: sick, periodMs: 100 }]
`);
    await prefix.run();
    client = await prefix.connect();
    const cell = join(prefix.path, 'run/muster/hosts/sick.cell');
    const pid = (): number => {
      const bytes = existsSync(cell) ? readFileSync(cell) : Buffer.alloc(0);
      return bytes.length === 8 ? bytes.readUInt32LE(4) : 0;
    };
    await until(() => pid() !== 0, 'the host');
    const first = pid();
    const answer = looked('sick');
    // the order is on its way when this is answered
    await client.call.status({});
    process.kill(first, 'SIGKILL');
    expect(await answer).toMatchObject({
      code: 'HOST_FAILED',
      words: expect.stringContaining('sick has ended'),
    });
    await until(() => pid() !== 0 && pid() !== first, 'the next host');
    expect((await looked('sick')).code).toBe('BUS_STUCK');
  },
);

describe.skipIf(!need('gcc'))("Linux' own bus", { timeout: 90_000 }, () => {
  it('that nobody has configured and whose wire is shorted: told, and nobody is left behind', async () => {
    const adapter = new RegisterAdapter();
    try {
      adapter.plug(0x20, 0);
      prefix = new TestPrefix(adapter.env, i2cSlot);
      prefix.write('dev/i2c-1', '');
      await prefix.run();
      client = await prefix.connect();
      const { code, words, ms } = await looked(ADAPTER);
      expect(code).toBe('BUS_STUCK');
      expect(words).toContain('i2c-1 hangs');
      expect(ms).toBeLessThan(WORDS_MS);
      // and a look at another time begins anew
      adapter.unplug(0x20);
      await until(async () => (await looked(ADAPTER)).code === 'none', 'a look that ends well', 30_000);
    } finally {
      await prefix?.remove();
      adapter.remove();
    }
  });
});
