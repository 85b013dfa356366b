/** Two laptops and a rule want outputs on at once that never may be on together. Somebody looks at the pins meanwhile. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { ActingDevice, actingConfig, ALWAYS, told, valueOf } from '../support/acting-device.ts';
import { until } from '../support/until.ts';

let device: ActingDevice;
const clients: Client<DeviceContract>[] = [];
beforeEach(async () => {
  device = new ActingDevice();
  device.config(actingConfig({ rules: [ALWAYS] }));
  await device.run();
  clients.push(await device.connect(), await device.connect());
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await device.remove();
});

it(
  'lets one of them have it, refuses the others in words, and never has both',
  { timeout: 60_000 },
  async () => {
    const [one, two] = clients as [Client<DeviceContract>, Client<DeviceContract>];
    let both = 0;
    let looks = 0;
    const look = setInterval(() => {
      looks++;
      if (device.line(17) === '1' && device.line(27) === '1') both++;
    }, 5);
    const refusals: string[] = [];
    for (let i = 0; i < 10; i++) {
      const wish = (client: Client<DeviceContract>, output: string, value: number | null) =>
        client.call
          .setOutput({ output, value, forMs: 300, by: 'ann' })
          .catch((error: Error) => refusals.push(error.message));
      await Promise.all([wish(one, 'valve', 1), wish(two, 'drain', 1)]);
      const values = [await valueOf(one, 'valve'), await valueOf(two, 'drain')].map(({ value }) => value);
      expect(values.filter((value) => value === 1).length).toBeLessThanOrEqual(1);
      await Promise.all([wish(one, 'drain', i % 2 ? null : 0), wish(two, 'valve', i % 2 ? 0 : null)]);
    }
    await until(async () => (await valueOf(one, 'valve')).hold?.cause === 'rule', 'the rule');
    clearInterval(look);
    expect(looks).toBeGreaterThan(10);
    expect(both).toBe(0);
    expect(refusals.some((why) => /is on, and never both may be/.test(why))).toBe(true);
    expect((await told(one)).some((row) => /^(?:valve|drain) not 1 interlock/.test(row))).toBe(true);
  },
);
