/** How a room reports what it does. Handed in, so that tests listen and a shell decides where it goes. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Writes one line. `fields` are facts; never a password, a key or a passphrase. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** Drops everything. */
export const noLog: Log = () => {};
