/** How the command line speaks: plain lines for people, one JSON value with --json, sentences for errors. */
import { errorText } from '../shared/error-text.ts';
import { errorToWire, toMusterError } from '../shared/errors.ts';

/** Where output goes; handed in so that tests can read it. */
export interface Output {
  json: boolean;
  /** A line for a person; nothing with --json. */
  line(text: string): void;
  /** A line about progress, on standard error; nothing with --json. */
  progress: (text: string) => void;
  /** The result of a command: one JSON value with --json, else `text`. */
  result(value: unknown, text: string): void;
  /** An error: its sentences, or `{"error": …}` with --json. */
  error(thrown: unknown): void;
}

/** Output over two writers. */
export function createOutput(
  json: boolean,
  out: (text: string) => void = (text) => process.stdout.write(text),
  err: (text: string) => void = (text) => process.stderr.write(text),
): Output {
  return {
    json,
    line: (text) => {
      if (!json) out(`${text}\n`);
    },
    progress: (text) => {
      if (!json) err(`${text}\n`);
    },
    result: (value, text) => out(json ? `${JSON.stringify(value)}\n` : text && `${text}\n`),
    error(thrown) {
      const error = toMusterError(thrown);
      const { title, next } = errorText(error.code, error.details);
      if (json) out(`${JSON.stringify({ error: { ...errorToWire(error), title, next } })}\n`);
      else err(`${title}\n${next}\n(${error.code}: ${error.message})\n`);
    },
  };
}

/** Rows as aligned columns under their heads. */
export function table(heads: string[], rows: string[][]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const print = (row: string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [heads, ...rows].map(print).join('\n');
}
