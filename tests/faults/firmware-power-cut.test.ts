/** Everything of the device dies at once, at each step of a push; then it is switched on again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SlottedDevice, sendBundle } from '../support/slotted-device.ts';

async function started(): Promise<[SlottedDevice, string[]]> {
  const device = await SlottedDevice.make({ steadyMs: 60_000, trialMs: 200_000, graceMs: 100_000 });
  device.start();
  await device.measures();
  return [device, await device.recorded()];
}

const good = async (device: SlottedDevice) =>
  device.bundle({ version: '2.0.0', files: { 'muster-daemon.mjs': await device.daemon() } });

describe('a power cut', { timeout: 240_000 }, () => {
  it('while firmware is sent changes nothing, and what was sent need not be sent again', async () => {
    const [device, recorded] = await started();
    const path = await good(device);
    await device.ask(async (client) => {
      let pieces = 0;
      await expect(
        sendBundle(
          {
            ...client,
            call: {
              ...client.call,
              async writeBlob(input) {
                if (++pieces > 5) await device.powerCut();
                return client.call.writeBlob(input);
              },
            },
          },
          path,
          20_000,
        ),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^(?:CLOSED|CONNECTION_LOST)$/) });
    });
    device.start();
    const { last } = await device.expectUnharmed(recorded);
    expect(last).toBeNull();
    await device.ask(async (client) => {
      let first = -1;
      const { call } = client;
      await sendBundle(
        {
          ...client,
          call: {
            ...call,
            writeBlob: (input: Parameters<typeof call.writeBlob>[0]) => {
              if (first < 0) first = input.offset;
              return call.writeBlob(input);
            },
          },
        },
        path,
      );
      expect(first).toBe(100_000);
    });
  });

  it('between the order and the first start costs nothing: it is tried after it', async () => {
    const [device] = await started();
    const path = await good(device);
    await device.push(path);
    await device.powerCut();
    device.start();
    const { trial } = await device.firmware(({ running }) => running === 'b', 'the trial');
    expect(trial).toMatchObject({ version: '2.0.0' });
  });

  it('during the trial brings the old version back', async () => {
    const [device, recorded] = await started();
    await device.push(await good(device));
    await device.firmware(({ trial }) => trial !== null, 'the trial');
    await device.powerCut();
    device.start();
    const { last } = await device.expectUnharmed(recorded);
    expect(last).toMatchObject({
      version: '2.0.0',
      outcome: 'rolled-back',
      reason: 'the device was switched off or restarted before it had proved itself',
    });
  });

  it('is no orderly stop: that one leaves a healthy trial as it was', async () => {
    const [device] = await started();
    await device.push(await good(device));
    const healthy = ({ trial }: { trial: { gates: { id: string; met: boolean }[] } | null }) =>
      trial !== null && trial.gates.every(({ id, met }) => met || id === 'steady');
    await device.firmware(healthy, 'the trial');
    for (const _ of [1, 2, 3]) {
      device.stop();
      device.start();
      const { running } = await device.firmware(healthy, 'the trial');
      expect(running).toBe('b');
    }
  });

  it('on a card that loses the confirmed version leaves the first installation', async () => {
    const [device, recorded] = await started();
    await device.powerCut();
    const daemon = join(device.opt, 'slots/a/muster-daemon.mjs');
    writeFileSync(daemon, readFileSync(daemon).subarray(0, 10_000));
    // five starts of it in a row, without the waits between them
    device.write('opt/muster/firmware/starts', '5\n');
    device.start();
    const state = await device.firmware(({ running }) => running === 'factory', 'the first installation');
    expect(state.trial).toBeNull();
    expect((await device.recorded()).slice(0, recorded.length)).toEqual(recorded);
    expect(device.log).toContain('slot a was started 5 times and no daemon came up');
  });
});
