/** What a lab asks of exported readings: is one there twice, does time go backwards, what is missing. Pure. */
import { parseCsv } from '../support/parse-csv.ts';

/** A reading of an export. */
export interface Row {
  /** `sensor/channel` */
  channel: string;
  /** Epoch ms. */
  t: number;
  value: string;
}

/** The rows of an export, in its order. */
export function rowsOf(csv: string): Row[] {
  const [head = [], ...lines] = parseCsv(csv);
  const at = (name: string): number => head.indexOf(name);
  const [t, sensor, channel, value] = [at('epoch_ms'), at('sensor'), at('channel'), at('value')];
  return lines.map((cells) => ({
    channel: `${cells[sensor]}/${cells[channel]}`,
    t: Number(cells[t]),
    value: cells[value] ?? '',
  }));
}

export function byChannel(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ channel }) => channel);
}

/** Readings that are not later than the one before them of the same channel: one that is there twice, or out of order. */
export function notLater(rows: readonly Row[]): Row[] {
  return [...byChannel(rows).values()].flatMap((own) =>
    own.filter((row, i) => i > 0 && row.t <= own[i - 1]!.t),
  );
}

const nameOf = ({ channel, t, value }: Row): string => `${channel} ${t} ${value}`;

/** Those of `wanted` that `rows` lacks. */
export function lacking(wanted: readonly Row[], rows: readonly Row[]): Row[] {
  const there = new Set(rows.map(nameOf));
  return wanted.filter((row) => !there.has(nameOf(row)));
}

/** Silences of a channel of more than `ms`: epoch ms of the readings at both ends. */
export function silences(rows: readonly Row[], channel: string, ms: number): { from: number; to: number }[] {
  const own = rows.filter((row) => row.channel === channel);
  return own.flatMap(({ t }, i) => (i > 0 && t - own[i - 1]!.t > ms ? [{ from: own[i - 1]!.t, to: t }] : []));
}
