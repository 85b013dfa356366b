/** What a supervisor tells about its children: facts, and the same in one line of words. */
import { inspect } from 'node:util';
import { MusterError } from '../../src/shared/errors.ts';
import type { LogLevel } from '../../src/shared/log.ts';
import type { ChildType, ExitReason, RestartType, ShutdownTime } from './child.ts';

/** OTP's four contexts, and two of ours: a child left out with an alarm, and the end of that alarm. */
export type ReportContext =
  | 'start_error'
  | 'child_terminated'
  | 'shutdown_error'
  | 'shutdown'
  | 'gave_up'
  | 'recovered';

/** One thing that happened under a supervisor. */
export interface Report {
  /** Path of the supervisor. */
  supervisor: string;
  context: ReportContext;
  /** Why; null when there is nothing bad to tell (`recovered`). */
  reason: ExitReason | null;
  /** The child concerned. */
  offender: { id: string; restart: RestartType; shutdown: ShutdownTime; type: ChildType };
  /** Milliseconds until the next attempt, with `gave_up`. */
  retryInMs?: number;
}

const WORDS: Record<ReportContext, { level: LogLevel; words: string }> = {
  start_error: { level: 'warn', words: 'did not start' },
  child_terminated: { level: 'warn', words: 'ended' },
  shutdown_error: { level: 'warn', words: 'did not shut down as asked' },
  shutdown: { level: 'error', words: 'failed too often, its supervisor ends' },
  gave_up: { level: 'error', words: 'failed too often and is left out' },
  recovered: { level: 'info', words: 'is no longer left out' },
};

/** How grave a report is. */
export function levelOf(report: Report): LogLevel {
  return WORDS[report.context].level;
}

/** A report in one line, cut to `maxLength` characters, its cause chain to `depth` links. */
export function formatReport(report: Report, limits: { depth?: number; maxLength?: number } = {}): string {
  const { depth = 5, maxLength = 500 } = limits;
  const { id, type } = report.offender;
  let line = `${report.supervisor}: ${type} "${id}" ${WORDS[report.context].words}`;
  if (report.reason) line += `: ${exitInWords(report.reason, depth)}`;
  if (report.retryInMs !== undefined) line += `; next attempt in ${Math.round(report.retryInMs)} ms`;
  return cut(line, maxLength);
}

/** An exit reason in words, its chain of causes included, at most `depth` links. One line. */
export function exitInWords(reason: ExitReason, depth = 5): string {
  switch (reason.kind) {
    case 'normal':
      return 'finished';
    case 'shutdown':
      return reason.detail === undefined ? 'shut down' : `shut down (${reason.detail})`;
    case 'killed':
      return 'killed';
    case 'error':
      return errorInWords(reason.error, depth);
  }
}

/** `CODE: message, because …`, from the outermost error to its root, without saying the same twice. */
export function errorInWords(error: unknown, depth = 5): string {
  const links: string[] = [];
  let link: unknown = error;
  for (; link !== undefined && links.length < depth; link = link instanceof Error ? link.cause : undefined) {
    links.push(oneLink(link));
  }
  const chain = links.filter((words, i) => !links[i - 1]?.includes(words)).join(', because ');
  return link === undefined ? chain : `${chain}, because …`;
}

/** At most `maxLength` characters, the cut shown. */
export function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, Math.max(0, maxLength - 1))}…`;
}

function oneLink(error: unknown): string {
  let words = typeof error === 'string' ? error : '';
  if (error instanceof Error) words = error.message || error.name;
  else if (typeof error !== 'string') words = inspect(error, { depth: 1 });
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return error instanceof MusterError ? `${error.code}: ${line}` : line;
}
