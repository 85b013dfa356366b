/** Whose fault the end of a host is: only evidence names a sensor. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type HostEnd } from '../../../device/host/verdict.ts';

const MB = 1024 * 1024;
const nameOf = (n: number): string => `s${n}`;
const END: HostEnd = {
  killedFor: null,
  silentMs: 0,
  code: null,
  signal: null,
  running: 0,
  beat: null,
  memoryLimitBytes: 100 * MB,
  said: '',
};
const beat = (topBytes: number, grownBytes: number) => ({
  memoryBytes: 110 * MB,
  cpuMs: 0,
  topSensor: topBytes > 0 ? 2 : 0,
  topBytes,
  grownBytes,
});

describe('the verdict on a host', () => {
  it.each<[string, Partial<HostEnd>, number, RegExp]>([
    ['silent in a driver', { killedFor: 'silence', silentMs: 412, running: 3 }, 3, /^s3: .* 412 ms/],
    ['silent in nobody', { killedFor: 'silence', silentMs: 412 }, 0, /while no driver ran/],
    [
      'too large, one stands out',
      { killedFor: 'memory', beat: beat(60 * MB, 70 * MB) },
      2,
      /^s2: .*86 %.*60 MB/,
    ],
    [
      'too large, none stands out',
      { killedFor: 'memory', beat: beat(30 * MB, 70 * MB) },
      0,
      /no sensor stands out/,
    ],
    ['too large before anybody looked', { killedFor: 'memory', running: 5 }, 0, /no sensor stands out/],
    [
      "ended by V8's own limit",
      {
        signal: 'SIGABRT',
        said: 'FATAL ERROR: heap out of memory',
        beat: beat(60 * MB, 60 * MB),
        running: 5,
      },
      2,
      /^s2: .*more than it may of 100 MB/,
    ],
    ['ended by its driver', { code: 3, running: 4 }, 4, /^s4: the host ended with code 3/],
    ['crashed in native code', { signal: 'SIGSEGV', running: 4 }, 4, /^s4: the host was ended by SIGSEGV/],
    ['ended by an uncaught error', { code: 1, said: 'TypeError: no' }, 0, /code 1: TypeError: no$/],
    ['killed by somebody else', { signal: 'SIGKILL', running: 4 }, 0, /^the host was ended by SIGKILL$/],
    ['told to end by somebody else', { signal: 'SIGTERM', running: 4 }, 0, /SIGTERM/],
  ])('%s', (_, facts, culprit, words) => {
    const verdict = judge({ ...END, ...facts }, nameOf);
    expect(verdict.culprit).toBe(culprit);
    expect(verdict.cause).toMatch(words);
  });

  it('blames nobody without evidence, whatever happened', () => {
    const kind = fc.constantFrom<HostEnd['killedFor']>(null, 'silence', 'memory');
    fc.assert(
      fc.property(kind, fc.option(fc.integer()), fc.string(), (killedFor, code, said) => {
        expect(judge({ ...END, killedFor, code, said }, nameOf).culprit).toBe(0);
      }),
    );
  });
});
