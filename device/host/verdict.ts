/**
 * Why a host ended, and whose fault that was. Pure: facts in, words and a name out.
 * Only evidence names a sensor: the cell, or growth of memory that is mostly one sensor's. Without it nobody is blamed.
 */
import type { Beat } from './messages.ts';

/** What is known when a host has ended. */
export interface HostEnd {
  /** Why the root killed it; null when it ended by itself. */
  killedFor: 'silence' | 'memory' | null;
  /** Ms without a sign of life, at the kill. */
  silentMs: number;
  /** Exit code or signal, null where the host is none of its own (inline) or ended by the other. */
  code: number | null;
  signal: string | null;
  /** Sensor number in the cell, 0 when none ran. */
  running: number;
  beat: Beat | null;
  memoryLimitBytes: number;
  /** What the host wrote last on its standard error. */
  said: string;
}

export interface Verdict {
  /** In words, to stand in the tree. */
  cause: string;
  /** Number of the sensor at fault, 0 when nobody can be named. */
  culprit: number;
}

/** A sensor under whose work less than this share of the growth was seen is not named for it. */
const MOSTLY = 0.5;
/** Signals that a fault of the program itself raises; any other was sent by somebody else. */
const OWN_SIGNALS: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGTRAP',
]);
/** What V8 says last (v8::Utils::ReportOOMFailure); Node's threads end with ERR_WORKER_OUT_OF_MEMORY. */
const OUT_OF_MEMORY = /out of memory|memory limit/i;
const MB = 1024 * 1024;

/** Judges the end of a host. `nameOf` gives the id of a sensor number. */
export function judge(end: HostEnd, nameOf: (sensor: number) => string): Verdict {
  const { running } = end;
  if (end.killedFor === 'memory' || (end.killedFor === null && OUT_OF_MEMORY.test(end.said)))
    return leak(end, nameOf);
  if (end.killedFor === 'silence') {
    const ms = Math.round(end.silentMs);
    return running === 0
      ? { cause: `no sign of life for ${ms} ms while no driver ran`, culprit: 0 }
      : {
          cause: `${nameOf(running)}: its driver did not give the processor back for ${ms} ms`,
          culprit: running,
        };
  }
  const how = end.signal === null ? `ended with code ${end.code ?? 0}` : `was ended by ${end.signal}`;
  const said = end.said === '' ? '' : `: ${end.said}`;
  const own = end.signal === null || OWN_SIGNALS.has(end.signal);
  return own && running !== 0
    ? { cause: `${nameOf(running)}: the host ${how} while its driver ran${said}`, culprit: running }
    : { cause: `the host ${how}${said}`, culprit: 0 };
}

function leak({ beat, memoryLimitBytes, killedFor }: HostEnd, nameOf: (sensor: number) => string): Verdict {
  const limit = `${Math.round(memoryLimitBytes / MB)} MB`;
  const took =
    killedFor === 'memory' && beat ? `${Math.round(beat.memoryBytes / MB)} MB` : 'more than it may';
  const what = `the host took ${took} of ${limit}`;
  if (!beat || beat.topSensor === 0 || beat.topBytes < MOSTLY * beat.grownBytes)
    return { cause: `${what}; no sensor stands out`, culprit: 0 };
  const share = Math.round((100 * beat.topBytes) / beat.grownBytes);
  const grown = `${Math.round(beat.topBytes / MB)} MB`;
  return {
    cause: `${nameOf(beat.topSensor)}: ${what}; ${share} % of the growth seen (${grown}) came while its driver ran`,
    culprit: beat.topSensor,
  };
}
