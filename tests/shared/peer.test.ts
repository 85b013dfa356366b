import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MusterError } from '../../src/shared/errors.ts';
import { connectPeer, servePeer } from '../../src/shared/peer.ts';
import { pipePair } from '../support/pipe-pair.ts';
import { settle } from '../support/fake-clock.ts';

const contract = {
  calls: {
    double: { input: z.object({ n: z.number() }), output: z.object({ n: z.number() }) },
    fail: { input: z.object({}), output: z.object({}) },
    hang: { input: z.object({}), output: z.object({}) },
    lie: { input: z.object({}), output: z.object({ n: z.number() }) },
  },
  events: { tick: z.object({ at: z.number(), data: z.instanceof(Uint8Array) }) },
};

function pair(listeners = {}) {
  const { a, b, cut } = pipePair();
  const server = servePeer(a, contract, {
    double: ({ n }) => ({ n: n * 2 }),
    fail: () => {
      throw new MusterError('DISK_FULL', 'no room', { free: 3 }, new Error('ENOSPC'));
    },
    hang: () => new Promise(() => {}),
    lie: () => ({ n: 'seven' }) as never,
  });
  return { server, client: connectPeer(b, contract, listeners), cut };
}

describe('a peer', () => {
  it('answers calls', async () => {
    const { client } = pair();
    await expect(client.call.double({ n: 21 })).resolves.toEqual({ n: 42 });
  });

  it('carries an error with code, facts and cause', async () => {
    const { client } = pair();
    await expect(client.call.fail({})).rejects.toMatchObject({
      code: 'DISK_FULL',
      details: { free: 3 },
      cause: { message: 'ENOSPC' },
    });
  });

  it('refuses bad input at the server and a bad reply at the client', async () => {
    const { client } = pair();
    await expect(client.call.double({ n: 'x' as never })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      details: { call: 'double', field: 'n' },
    });
    await expect(client.call.lie({})).rejects.toMatchObject({ code: 'BAD_REPLY' });
  });

  it('rejects pending calls at once when the cable is pulled, and later ones too', async () => {
    const { client, cut } = pair();
    const hanging = client.call.hang({});
    await settle();
    cut();
    await expect(hanging).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(client.call.double({ n: 1 })).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(client.closed).toBe(true);
  });

  it('hands events to their listener and drops what does not fit', async () => {
    const ticks: unknown[] = [];
    const { server } = pair({ tick: (t: unknown) => ticks.push(t) });
    server.emit('tick', { at: 1, data: new Uint8Array([1, 2]) });
    server.emit('tick', { at: 'late' } as never);
    await new Promise((done) => setImmediate(done));
    expect(ticks).toEqual([{ at: 1, data: expect.any(Uint8Array) }]);
  });
});
