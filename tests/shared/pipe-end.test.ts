import { describe, expect, it } from 'vitest';
import { MusterError } from '../../src/shared/errors.ts';
import { pipeEnd } from '../../src/shared/pipe-end.ts';

function end() {
  const sent: number[] = [];
  const closed: boolean[] = [];
  let received = 0;
  const near = pipeEnd({
    send: ([first]) => sent.push(first ?? -1),
    close: (byUs) => closed.push(byUs),
    received: () => received++,
  });
  return { ...near, sent, closed, receivers: () => received };
}
const message = (first: number) => Uint8Array.of(first);

describe('the end of a pipe', () => {
  it('keeps what comes before there is a receiver, in order', () => {
    const { pipe, arrived, receivers } = end();
    const got: (number | undefined)[] = [];
    arrived(message(1));
    arrived(message(2));
    expect(receivers()).toBe(0);
    pipe.onMessage(([first]) => got.push(first));
    arrived(message(3));
    expect(got).toEqual([1, 2, 3]);
    expect(receivers()).toBe(1);
  });

  it('ends once, with the first reason, also for a listener that comes late', () => {
    const lost = new MusterError('CONNECTION_LOST', 'cut');
    const { pipe, arrived, closed, ...near } = end();
    const told: unknown[] = [];
    pipe.onMessage(() => told.push('message'));
    pipe.onClose((error) => told.push(error));
    near.end(lost);
    near.end();
    pipe.close();
    arrived(message(1));
    expect(told).toEqual([lost]);
    expect(closed).toEqual([false]);
    pipe.onClose((error) => told.push(error));
    expect(told).toEqual([lost, lost]);
  });

  it('closed by its holder sends nothing more, and says so', () => {
    const { pipe, sent, closed } = end();
    pipe.send(message(7));
    pipe.close();
    expect(() => pipe.send(message(8))).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    expect(sent).toEqual([7]);
    expect(closed).toEqual([true]);
  });
});
