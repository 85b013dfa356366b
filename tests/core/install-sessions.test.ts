import { describe, expect, it } from 'vitest';
import { createSessions } from '../../src/core/install-sessions.ts';
import { FakeClock } from '../support/fake-clock.ts';

function session() {
  const connection = { closed: false, close: () => void (connection.closed = true) };
  return { connection };
}

describe('install sessions', () => {
  it('are handed over once', () => {
    const sessions = createSessions(new FakeClock());
    const one = session();
    const id = sessions.keep('pump', one);
    expect(sessions.take(id)).toEqual({ device: 'pump', session: one });
    expect(() => sessions.take(id)).toThrow(/over/);
    expect(one.connection.closed).toBe(false);
  });

  it('close their connection after ten minutes, when the device is inspected anew, and at the end', async () => {
    const clock = new FakeClock();
    const sessions = createSessions(clock);
    const [old, again, other] = [session(), session(), session()];
    const id = sessions.keep('pump', old);
    sessions.keep('pump', again);
    expect(old.connection.closed).toBe(true);
    expect(() => sessions.take(id)).toThrow(/over/);
    await clock.advance(600_000);
    expect(again.connection.closed).toBe(true);
    sessions.keep('roof', other);
    sessions.close();
    expect(other.connection.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
