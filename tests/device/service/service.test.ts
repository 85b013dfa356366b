/** What the service manager is told as parts fall silent and come back. */
import { describe, expect, it } from 'vitest';
import { SHUTDOWN } from '../../../device/otp/child.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import { feedEveryMs, serviceNotify } from '../../../device/service/notify.ts';
import { startService } from '../../../device/service/service.ts';
import { noLog } from '../../../src/shared/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function stage() {
  const clock = new FakeClock();
  const told: string[] = [];
  const logged: string[] = [];
  let journal: () => Promise<void> = () => Promise.resolve();
  const service = startService(
    {
      notify: (...assignments) => void told.push(assignments.join(' ')),
      everyMs: 10_000,
      asks: { 'the root': () => Promise.resolve(), 'the journal': () => journal() },
      status: () => '2 of 2 sensors measure',
      log: (_, message, fields) => logged.push(`${message}: ${String(fields?.['why'])}`),
    },
    new Ticker(clock),
  );
  return {
    clock,
    service,
    logged,
    setJournal: (ask: () => Promise<void>) => (journal = ask),
    /** What was told since the last look. */
    told: () => told.splice(0),
  };
}
const FED = 'READY=1 WATCHDOG=1 STATUS=2 of 2 sensors measure';

describe('the service', () => {
  it('is ready at once, feeds on, and says that it stops', async () => {
    const { clock, service, told } = stage();
    await clock.advance(1);
    expect(told()).toEqual([FED]);
    await clock.advance(20_000);
    expect(told()).toEqual([FED, FED]);
    service.shutdown();
    await clock.advance(0);
    expect(await service.exited).toEqual(SHUTDOWN);
    expect(told()).toEqual(['STOPPING=1']);
  });

  it('does not feed while the journal hangs, says so once, and feeds again when it answers', async () => {
    const { clock, told, logged, setJournal } = stage();
    await clock.advance(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    setJournal(() => promise);
    told();
    await clock.advance(50_000);
    const reason = 'the journal has not answered for 20 s';
    expect(told()).toEqual([FED, `STATUS=${reason}`]);
    expect(logged).toEqual([`the watchdog is no longer fed: ${reason}`]);
    resolve();
    await clock.advance(20_000);
    expect(told()).toContain(FED);
  });

  it('feeds while the journal fails in words', async () => {
    const { clock, told, setJournal } = stage();
    setJournal(() => Promise.reject(new Error('disk full')));
    await clock.advance(60_001);
    expect(told()).toEqual(Array.from({ length: 7 }, () => FED));
  });
});

describe('notifying', () => {
  it('needs a service manager', () => {
    expect(serviceNotify({}, noLog)).toBeNull();
    expect(serviceNotify({ NOTIFY_SOCKET: '' }, noLog)).toBeNull();
  });

  it.each([
    [undefined, null],
    ['0', null],
    ['garbage', null],
    ['30000000', 10_000],
    ['1000', 1000],
  ])('with a watchdog of %s µs feeds every %s ms', (usec, ms) => {
    expect(feedEveryMs({ WATCHDOG_USEC: usec })).toBe(ms);
  });
});
