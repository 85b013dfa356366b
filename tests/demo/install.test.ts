/** The whole way of a virtual device: found, installed by the product's installer, its own daemon at work, gone. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleDaemon } from '../../src/build/daemon.ts';
import { locate } from '../../src/core/install/inspect.ts';
import { daemonCommand } from '../../src/core/install/layout.ts';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import { hostedProcesses } from '../../src/demo/hosted-processes.ts';
import { decodeBatch, isPacked } from '../../src/shared/batch.ts';
import { deviceContract, PROTOCOL } from '../../src/shared/device-contract.ts';
import { connectPeer } from '../../src/shared/peer.ts';
import { discoverOnLoopback } from '../support/discovery-on-loopback.ts';
import { installOn } from '../support/test-device.ts';
import { until } from '../support/until.ts';
import { startDemoProgram, type DemoProgram } from './demo-program.ts';

describe('a virtual device and the product', { timeout: 90_000 }, () => {
  let dir: string;
  let demo: DemoProgram;
  let near: ReturnType<typeof discoverOnLoopback>;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mdi-'));
    near = discoverOnLoopback();
    demo = await startDemoProgram(['--devices', '1', '--dir', join(dir, 'fleet')]);
  });
  afterAll(async () => {
    near.discovery.stop();
    await demo.hangUp();
    rmSync(dir, { recursive: true, force: true });
  });

  it('is found, installed on, measured with, cut, and gone without a trace', async () => {
    const [device] = demo.ready.devices;
    if (!device) throw new Error('no device');
    const seen = (service: string) =>
      near.sightings.findLast((s) => s.service === service && s.port === device.port && s.interface === 'lo');
    await until(() => seen('ssh') !== undefined, 'the device is found');
    expect(seen('ssh')?.instance).toBe(device.name);

    const { user, password } = demo.ready;
    const login = () => connectSsh({ ...device, login: { user, password }, verify: () => null });
    let connection = await login();
    const { id, inspection } = await installOn(connection, await bundleDaemon(dir));
    expect(inspection.facts).toMatchObject({ hostname: device.name, init: 'script' });
    expect(inspection.facts.model).toMatch(/^Raspberry Pi .* \(virtual\)$/);

    // The daemon's own announcement, on loopback, with the port of the device's SSH server.
    await until(() => seen('muster') !== undefined, 'the daemon announces itself');
    expect(seen('muster')?.txt).toMatchObject({ id });

    const layout = await locate(connection);
    const talk = async () => {
      const pipe = await connection.pipe(layout.socket, daemonCommand(layout, 'bridge'));
      const peer = connectPeer(pipe, deviceContract);
      const hello = await peer.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
      return { peer, hello };
    };
    let { peer, hello } = await talk();
    expect(hello.device).toMatchObject({ id, hostname: device.name });
    const status = () => peer.call.status({});
    await until(async () => {
      const { sensors } = await status();
      return sensors.length === 8 && sensors.every(({ state }) => state === 'ok');
    }, 'all eight sensors work');

    demo.tell({ type: 'cut', device: 0 });
    await until(() => peer.closed, 'the cut is noticed');
    connection = await login();
    ({ peer, hello } = await talk());
    const { batches } = await peer.call.pull({ after: null, maxBytes: 1_000_000, waitMs: 5000 });
    expect(batches[0]).toMatchObject({ run: hello.run, batch: 1 });
    const first = batches[0]?.data ?? new Uint8Array();
    expect(isPacked(first) || decodeBatch(first).value.length > 0).toBe(true);
    peer.close();
    connection.close();

    const folder = join(dir, 'fleet', device.name);
    expect((await hostedProcesses([folder])).length).toBeGreaterThanOrEqual(2);
    expect(await demo.hangUp()).toBe(0);
    expect(await hostedProcesses([folder])).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    await until(() => seen('ssh')?.goodbye === true, 'the goodbye of the device');
    await until(() => seen('muster')?.goodbye === true, 'the goodbye of the daemon');
  });
});
