/** Reports as facts and as one line of words. Names are those of OTP's supervisor_SUITE. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorInWords, exitInWords, formatReport, levelOf, type Report } from '../../../device/otp/report.ts';
import { startSupervisor } from '../../../device/otp/supervisor.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { fault, Stage } from './stage.ts';

const offender = { id: 'cpu', restart: 'permanent', shutdown: 5000, type: 'worker' } as const;

describe('a report', () => {
  it('format_log_1: tells supervisor, context, reason and offender, as facts and in the log', async () => {
    const stage = new Stage();
    const lines: [string, string, unknown][] = [];
    const reports: Report[] = [];
    await startSupervisor(
      { children: [stage.child('cpu')] },
      {
        path: 'muster',
        clock: stage.clock,
        log: (level, message, fields) => void lines.push([level, message, fields]),
        onReport: (report) => void reports.push(report),
      },
    );
    await stage.end('cpu');
    expect(reports).toEqual([
      { supervisor: 'muster', context: 'child_terminated', reason: fault('cpu'), offender },
    ]);
    expect(lines).toEqual([
      [
        'warn',
        'muster: worker "cpu" ended: DRIVER_CHECKSUM: cpu crashed',
        { supervisor: 'muster', child: 'cpu', context: 'child_terminated' },
      ],
    ]);
  });

  it('format_log_2: keeps to its limits of length and depth, on one line', () => {
    const root = new Error('no\nsuch\tfile');
    const middle = new MusterError('JOURNAL_FAILED', 'cannot open', {}, root);
    const error = new Error('outer', { cause: middle });
    const report: Report = {
      supervisor: 'muster',
      context: 'start_error',
      reason: { kind: 'error', error },
      offender,
    };
    expect(formatReport(report)).toBe(
      'muster: worker "cpu" did not start: outer, because JOURNAL_FAILED: cannot open, because no such file',
    );
    expect(formatReport(report, { depth: 2 })).toBe(
      'muster: worker "cpu" did not start: outer, because JOURNAL_FAILED: cannot open, because …',
    );
    expect(formatReport(report, { maxLength: 30 })).toBe('muster: worker "cpu" did not …');
    expect(formatReport({ ...report, context: 'gave_up', retryInMs: 60_000 })).toMatch(
      /; next attempt in 60000 ms$/,
    );
  });

  it('says each reason in words', () => {
    expect(exitInWords({ kind: 'normal' })).toBe('finished');
    expect(exitInWords({ kind: 'shutdown' })).toBe('shut down');
    expect(exitInWords({ kind: 'shutdown', detail: 'reload' })).toBe('shut down (reload)');
    expect(exitInWords({ kind: 'killed' })).toBe('killed');
    expect(errorInWords('plain')).toBe('plain');
    expect(errorInWords(new TypeError(''))).toBe('TypeError');
  });

  it('does not say the same twice when an error repeats its cause', () => {
    const cause = new Error('no route');
    expect(errorInWords(new Error('failed: no route', { cause }))).toBe('failed: no route');
  });

  it('is one line within its limit whatever was thrown', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.string(),
        fc.integer({ min: 1, max: 300 }),
        (thrown, message, maxLength) => {
          const error = new Error(message, { cause: thrown });
          const report: Report = {
            supervisor: 's',
            context: 'shutdown',
            reason: { kind: 'error', error },
            offender,
          };
          const line = formatReport(report, { maxLength });
          expect(line.length).toBeLessThanOrEqual(maxLength);
          expect(line).not.toMatch(/[\n\r]/);
          expect(levelOf(report)).toBe('error');
        },
      ),
    );
  });

  it('ends for a chain of causes that is a ring', () => {
    const a = new Error('a');
    const b = new Error('b', { cause: a });
    a.cause = b;
    expect(errorInWords(a)).toBe('a, because b, because a, because b, because a, because …');
  });
});
