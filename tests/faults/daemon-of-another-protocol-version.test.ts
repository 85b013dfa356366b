import { describe, expect, it, vi } from 'vitest';
import { PROTOCOL } from '../../src/shared/device-contract.ts';
import { linked } from '../support/linked.ts';
import { DEVICE_ID, FakeDevice } from '../support/fake-device.ts';
import { readingsOf } from '../support/temp-archive.ts';

async function linkTo(device: FakeDevice) {
  const found = await linked(device);
  await vi.waitFor(() => expect(found.link.state.state).toBe('refused'));
  return found;
}

describe('a daemon of another protocol version', () => {
  it('is refused by name when it says so', async () => {
    const device = new FakeDevice();
    device.start();
    device.append([{ ms: 0, channel: 0, value: 1 }]);
    device.protocol = PROTOCOL + 1;
    const { archive, clock, link } = await linkTo(device);
    expect(link.state.error).toMatchObject({
      code: 'PROTOCOL_MISMATCH',
      details: { expected: PROTOCOL + 1, actual: PROTOCOL },
    });
    await clock.advance(600_000);
    expect(device.opened).toBe(1);
    expect(await readingsOf(archive)).toEqual([]);
    device.protocol = PROTOCOL;
    link.retry();
    await vi.waitFor(async () => expect(await readingsOf(archive)).toHaveLength(1));
  });

  it('is refused also when it answers as if nothing were wrong', async () => {
    const device = new FakeDevice();
    const run = device.start();
    const id = { id: DEVICE_ID, serial: '1', hostname: 'h', model: 'm', arch: 'x64', system: 's' };
    device.handlers = {
      hello: () => ({
        protocol: PROTOCOL + 7,
        daemonVersion: '9.0.0',
        device: id,
        run: run.run,
        bootId: run.bootId,
        monotonicMs: 0,
        wallMs: 0,
        clock: 'ntp',
      }),
    };
    const { link } = await linkTo(device);
    expect(link.state.error).toMatchObject({
      code: 'PROTOCOL_MISMATCH',
      details: { expected: PROTOCOL, actual: PROTOCOL + 7 },
    });
  });
});
