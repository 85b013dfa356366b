/** The engine's log on standard error, one line each. `MUSTER_LOG` sets how much: debug, info, warn (usual), error. */
import type { Log, LogLevel } from '../shared/log.ts';

const ORDER: LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A log that drops what is below `level` (a word of ORDER; anything else means warn). */
export function lineLog(level: string | undefined, write: (line: string) => void): Log {
  const wanted = ORDER.findIndex((name) => name === level);
  const least = wanted < 0 ? ORDER.indexOf('warn') : wanted;
  return (at, message, fields) => {
    if (ORDER.indexOf(at) < least) return;
    const facts = fields && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
    write(`${new Date().toISOString()} ${at} ${message}${facts}\n`);
  };
}
