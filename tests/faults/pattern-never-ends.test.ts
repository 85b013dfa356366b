/** A regular expression of the configuration takes for ever on a line that comes: its sensor is named, the rest goes on. */
import { expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { serialSlot } from '../support/modbus-device.ts';
import { TestPrefix } from '../support/daemon-process.ts';
import { PtySocket } from '../support/pty.ts';
import { until } from '../support/until.ts';

it.skipIf(!need('socat'))(
  'is left out by name, and the other sensors read on',
  { timeout: 120_000 },
  async () => {
    const line = await PtySocket.open();
    const prefix = new TestPrefix({}, serialSlot);
    const channel = { channel: 'level', quantity: 'signal', field: 'n' };
    prefix.config(
      JSON.stringify({
        version: 1,
        hosts: { intensity: 0 },
        buses: [{ id: 'tty', kind: 'serial', device: line.device }],
        sensors: [
          {
            id: 'tank',
            driver: 'serial-lines',
            bus: 'tty',
            options: { format: 'pattern', pattern: '^(?<n>(?:a+)+)$', channels: [channel] },
          },
          { id: 'load', driver: 'load', periodMs: 100 },
        ],
      }),
    );
    // 2 to the power of 60 ways to be no such line
    const print = setInterval(() => line.far.write(`${'a'.repeat(60)}!\n`), 200);
    try {
      await prefix.run();
      const client = await prefix.connect();
      const look = async () =>
        (await client.call.tree({})).rows.find(({ path }) => path.endsWith('/tty/tank'));
      await until(async () => (await look())?.state === 'gave-up', 'the sensor left out', 60_000);
      expect((await look())?.lastCause).toMatch(
        /^tank: its driver did not give the processor back for \d+ ms/,
      );
      const { sensors } = await client.call.status({});
      expect(sensors.find(({ sensor }) => sensor === 'load')?.state).toBe('ok');
      client.close();
    } finally {
      clearInterval(print);
      await prefix.remove();
      await line.remove();
    }
  },
);
