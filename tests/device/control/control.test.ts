/** The device contract over a real unix socket, the daemon in a process of its own. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { socketPipe } from '../../../device/control/socket-pipe.ts';
import { deviceContract, PROTOCOL, type DeviceContract } from '../../../src/shared/device-contract.ts';
import { connectPeer, type Client } from '../../../src/shared/peer.ts';
import type { Cursor } from '../../../src/shared/reading.ts';
import { TestPrefix } from '../../support/daemon-process.ts';
import { until } from '../../support/until.ts';

const prefix = new TestPrefix();
beforeAll(async () => {
  prefix.config(`
version: 1
journal: { flushMs: 20, idleFlushMs: 20 }
sensors:
${Array.from({ length: 200 }, (_, i) => `  - { id: s${i}, driver: load, periodMs: 10 }`).join('\n')}
`);
  await prefix.run();
});
afterAll(() => prefix.remove());

const strange = (): Client<DeviceContract> => connectPeer(socketPipe(connect(prefix.socket)), deviceContract);
const PULL = { after: null, maxBytes: 8_388_608, waitMs: 0 };

describe('control', () => {
  it('refuses every call before hello', async () => {
    const client = strange();
    for (const call of [
      client.call.status({}),
      client.call.tree({}),
      client.call.runs({ from: 1 }),
      client.call.channels({ run: 1, from: 0 }),
      client.call.pull(PULL),
    ])
      await expect(call).rejects.toMatchObject({ code: 'BAD_INPUT', message: 'hello comes first' });
    client.close();
  });

  it('refuses another protocol by name and stays ready for the right one', async () => {
    const client = strange();
    await expect(
      client.call.hello({ protocol: PROTOCOL + 1, client: 'new', clientVersion: '9' }),
    ).rejects.toMatchObject({
      code: 'PROTOCOL_MISMATCH',
      details: { expected: PROTOCOL, actual: PROTOCOL + 1 },
    });
    await expect(client.call.status({})).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const hello = await client.call.hello({ protocol: PROTOCOL, client: 'x', clientVersion: '1' });
    expect(hello).toMatchObject({ protocol: PROTOCOL, run: 1, clock: expect.any(String) });
    client.close();
  });

  it('has the same id and a growing clock for everybody', async () => {
    const [one, two] = [strange(), strange()];
    const greet = (client: Client<DeviceContract>) =>
      client.call.hello({ protocol: PROTOCOL, client: 'x', clientVersion: '1' });
    const [first, second] = [await greet(one), await greet(two)];
    expect(second.device).toEqual(first.device);
    expect(second.monotonicMs).toBeGreaterThan(first.monotonicMs);
    one.close();
    two.close();
  });

  it('answers hostile bytes by hanging up, and goes on for the others', async () => {
    const good = await prefix.connect();
    for (const bytes of [
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 0, 0, 3, 0xc1, 0xc1, 0xc1),
      Uint8Array.of(0, 0, 0, 1),
    ]) {
      const socket = connect(prefix.socket);
      socket.on('error', () => {});
      socket.write(bytes);
      socket.end();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect((await good.call.status({})).uptimeS).toBeGreaterThan(0);
    good.close();
  });

  it('gives one connection two pulls at once and no more', async () => {
    const client = await prefix.connect();
    const head = (await client.call.pull({ ...PULL, maxBytes: 1, waitMs: 20_000 })).head as Cursor;
    const ahead = { ...PULL, after: { run: head.run, batch: head.batch + 1_000_000 }, waitMs: 1000 };
    const answers = await Promise.allSettled([1, 2, 3].map(() => client.call.pull(ahead)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    client.close();
  });

  it('is slowed by a client that stops reading for that client only', { timeout: 60_000 }, async () => {
    const memory = async (client: Client<DeviceContract>) => (await client.call.status({})).memoryBytes;
    const good = await prefix.connect();
    await until(
      async () => (await good.call.status({})).journal.bytes > 1_000_000,
      'a megabyte of journal',
      40_000,
    );
    const before = await memory(good);
    const socket = connect(prefix.socket);
    const deaf = connectPeer(socketPipe(socket), deviceContract);
    await deaf.call.hello({ protocol: PROTOCOL, client: 'deaf', clientVersion: '1' });
    socket.pause();
    // asks on and on for all there is, and takes none of it
    for (let i = 0; i < 2000; i++) deaf.call.pull(PULL).catch(() => {});
    const started = performance.now();
    let after: Cursor | null = null;
    let pulled = 0;
    while (performance.now() - started < 2000) {
      const { batches } = await good.call.pull({ after, maxBytes: 65_536, waitMs: 1000 });
      const last = batches.at(-1);
      if (last) after = { run: last.run, batch: last.batch };
      pulled += batches.length;
    }
    expect(pulled).toBeGreaterThan(50);
    expect((await memory(good)) - before).toBeLessThan(60_000_000);
    deaf.close();
    good.close();
  });
});
