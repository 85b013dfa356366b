/** Restart types: who comes back after which exit. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import { type ExitReason, NORMAL, type RestartType, SHUTDOWN } from '../../../device/otp/child.ts';
import { exitInWords } from '../../../device/otp/report.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { fateOf, fault, Stage, states } from './stage.ts';

/** Lets the only child of a supervisor end for `reason`; tells what became of it. */
async function afterExit(restart: RestartType, reason: ExitReason) {
  const stage = new Stage();
  const supervisor = await stage.supervise({ children: [stage.child('a', { restart })] });
  await stage.end('a', reason);
  const { specs, active } = supervisor.countChildren();
  return { starts: stage.all('a').length, specs, active, told: stage.told() };
}

const back = { starts: 2, specs: 1, active: 1, told: ['child_terminated a'] };
const kept = { starts: 1, specs: 1, active: 0, told: [] };
const gone = { starts: 1, specs: 0, active: 0, told: [] };
const details: ExitReason = { kind: 'shutdown', detail: 'work done' };

describe('a permanent child', () => {
  it('permanent_normal: comes back after a normal end', async () => {
    expect(await afterExit('permanent', NORMAL)).toEqual(back);
  });
  it('permanent_shutdown: comes back after a shutdown, with or without details', async () => {
    expect(await afterExit('permanent', SHUTDOWN)).toEqual(back);
    expect(await afterExit('permanent', details)).toEqual(back);
  });
  it('permanent_abnormal: comes back after a fault', async () => {
    expect(await afterExit('permanent', fault('a'))).toEqual(back);
    expect(await afterExit('permanent', { kind: 'killed' })).toEqual(back);
  });
});

describe('a transient child', () => {
  it('transient_normal: stays away after a normal end, its spec kept', async () => {
    expect(await afterExit('transient', NORMAL)).toEqual(kept);
  });
  it('transient_shutdown: stays away after a shutdown, its spec kept', async () => {
    expect(await afterExit('transient', SHUTDOWN)).toEqual(kept);
    expect(await afterExit('transient', details)).toEqual(kept);
  });
  it('transient_abnormal: comes back after a fault', async () => {
    expect(await afterExit('transient', fault('a'))).toEqual(back);
  });
});

describe('a temporary child', () => {
  it('temporary_normal: is forgotten after a normal end', async () => {
    expect(await afterExit('temporary', NORMAL)).toEqual(gone);
  });
  it('temporary_shutdown: is forgotten after a shutdown', async () => {
    expect(await afterExit('temporary', SHUTDOWN)).toEqual(gone);
    expect(await afterExit('temporary', details)).toEqual(gone);
  });
  it('temporary_abnormal: is forgotten after a fault, which is told', async () => {
    expect(await afterExit('temporary', fault('a'))).toEqual({ ...gone, told: ['child_terminated a'] });
  });
});

describe('causes and bystanders', () => {
  it('faulty_application_shutdown: the root cause of a failed start reaches the caller intact, those before it are stopped', async () => {
    const stage = new Stage();
    const root = new MusterError('BUS_MISSING', 'no /dev/i2c-1', { bus: 'i2c-1' });
    const bad = { id: 'bad', start: () => Promise.reject(root) };
    const inner = stage.branch('inner', { children: [stage.child('a'), bad, stage.child('never')] });
    const error: unknown = await stage
      .supervise({ children: [stage.child('b'), inner] })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'BUS_MISSING', details: { child: 'inner' } });
    expect((error as { cause: { cause: unknown } }).cause.cause).toBe(root);
    expect(exitInWords({ kind: 'error', error })).toBe(
      'BUS_MISSING: root: child "inner" did not start, because BUS_MISSING: root/inner: child "bad" did not start, ' +
        'because BUS_MISSING: no /dev/i2c-1',
    );
    expect(stage.journal).toEqual(['+ b', '+ a', '- a shutdown', '- b shutdown']);
    expect(stage.told()).toEqual(['start_error bad', 'start_error inner']);
  });

  it.each(['one_for_all', 'rest_for_one'] as const)(
    'temporary_bystander: under %s a temporary sibling is stopped, not restarted, and costs the supervisor nothing',
    async (strategy) => {
      const stage = new Stage();
      const children = [stage.child('a'), stage.child('t', { restart: 'temporary' })];
      const supervisor = await stage.supervise({ strategy, children });
      await stage.end('a');
      expect(await fateOf(supervisor)).toBe('running');
      expect(states(supervisor)).toEqual({ a: 'running' });
      expect(stage.journal).toEqual(['+ a', '+ t', '- a error', '- t shutdown', '+ a']);
    },
  );
});
