/** How a publisher does, in words for people: the same on the page and on the command line. Pure. */
import type { PublisherState } from './device-publisher-calls.ts';

/** Behind for less than this is on its way, ms: readings wait for the card, and some go together. */
const ON_ITS_WAY_MS = 60_000;

export interface PublisherWords {
  /** `up to date`, `3,200 readings behind since 14:02`. */
  state: string;
  /** What keeps it from sending, or what was lost; null when all is well. */
  why: string | null;
  /** True where a person should look. */
  warns: boolean;
}

/** `time`: writes epoch ms for people; `nowMs`: on the same clock. */
export function publisherWords(
  publisher: PublisherState,
  nowMs: number,
  time: (epochMs: number) => string,
): PublisherWords {
  const { kind, state, problem, lostBatches, today } = publisher;
  const lost =
    lostBatches > 0
      ? `${count(lostBatches, 'batch', 'batches')} of readings never got there: the journal was full before they could be sent`
      : null;
  const why = [problem, lost].filter((text) => text !== null).join('; ') || null;
  const warns = why !== null;
  if (kind === 'prometheus')
    return {
      state: state === 'failing' ? 'cannot be asked' : `asked ${count(today, 'time')} today`,
      why,
      warns,
    };
  if (state === 'starting') return { state: 'starts', why, warns };
  return { state: placeWords(publisher, nowMs, time), why, warns };
}

function placeWords(
  { behind, upToDateAgoMs, state }: PublisherState,
  nowMs: number,
  time: (epochMs: number) => string,
): string {
  if (!behind) return state === 'failing' ? 'does not get through' : 'the journal cannot say';
  const isOnItsWay = upToDateAgoMs !== null && upToDateAgoMs < ON_ITS_WAY_MS && state === 'working';
  if (behind.batches === 0 || isOnItsWay) return 'up to date';
  const much =
    behind.readings === null ? count(behind.batches, 'batch', 'batches') : count(behind.readings, 'reading');
  return `${much} behind${upToDateAgoMs === null ? '' : ` since ${time(nowMs - upToDateAgoMs)}`}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
