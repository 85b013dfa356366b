/** A rule in plain words, for whoever has to decide whether it is the right one. */
import type { OutputState } from './output.ts';
import { QUANTITIES } from './quantity.ts';
import type { Quantity } from './quantity.ts';
import type { ChannelInfo } from './reading.ts';
import { WEEKDAYS, type Rule, type Schedule, type Threshold, type Weekday } from './rule.ts';
import type { RuleTrouble } from './rule-machine.ts';

/** What a rule's ids are called. Null where they are not known: the ids stand for themselves then. */
export interface RuleNames {
  channel: (sensor: string, channel: string) => { name: string; quantity: Quantity } | null;
  output: (output: string) => string | null;
  /** Zone of the schedule: `Europe/Berlin`. */
  timeZone: string;
}

/** Names from what the archive knows of a device's channels, and the device of its outputs. */
export function ruleNames(
  channels: readonly Omit<ChannelInfo, 'index'>[],
  outputs: readonly OutputState[],
  timeZone: string,
): RuleNames {
  return {
    channel(sensor, channel) {
      const known = channels.find((row) => row.sensor === sensor && row.channel === channel);
      return known ? { name: `${known.sensorName} ${known.channel}`, quantity: known.quantity } : null;
    },
    output: (output) => outputs.find((row) => row.output === output)?.name ?? null,
    timeZone,
  };
}

const DAY_WORDS: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
const UNITS_OF_TIME = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `90 s`, `1 h 30 min`: no rounding, no more units than it takes. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1000) * 1000;
  for (const [unit, size] of UNITS_OF_TIME) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** An output's value: `on`, `off`, `40 %`. */
export function outputValueText(value: number): string {
  if (value === 0) return 'off';
  return value === 1 ? 'on' : `${Number((value * 100).toFixed(1))} %`;
}

/** `When Air temperature is above 28 °C for 30 s: Fan on, until it is back at 26 °C. …` */
export function explainRule(rule: Rule, names: RuleNames): string {
  const { when, during, set, alarm, minOnMs, maxOnMs } = rule;
  const parts = [
    ...(when ? [`when ${crossingText(when, names)}`] : []),
    ...(during ? [scheduleText(during, names.timeZone)] : []),
  ];
  const deeds = [
    ...(set ? [`${names.output(set.output) ?? set.output} ${outputValueText(set.value ?? 1)}`] : []),
    ...(alarm ? [`tell “${alarm}”`] : []),
  ];
  const reason = parts.join(', ');
  const end = when?.until === undefined ? '' : `, until it is back at ${amountText(when.until, when, names)}`;
  const sentences = [`${reason[0]?.toUpperCase()}${reason.slice(1)}: ${deeds.join(', and ')}${end}.`];
  if (minOnMs) sentences.push(`It then stays so for at least ${spanText(minOnMs)}.`);
  if (maxOnMs)
    sentences.push(
      `It ends after ${spanText(maxOnMs)} at most, and begins again only when the reason has been gone once.`,
    );
  return sentences.join(' ');
}

/** Why a rule cannot judge, and what to do about it. */
export function troubleText(trouble: RuleTrouble, rule: Rule, names: RuleNames): string {
  if (trouble === 'no-clock')
    return 'Nobody has set this device’s clock, so its schedule waits. Connect a laptop, or give it a time service.';
  return `No reading of ${rule.when ? channelText(rule.when, names) : 'its sensor'} that can be believed. Its output is let go until there is one.`;
}

function crossingText(when: Threshold, names: RuleNames): string {
  const [word, bound] =
    when.above === undefined ? (['below', when.below ?? 0] as const) : (['above', when.above] as const);
  const span = when.forMs ? ` for ${spanText(when.forMs)}` : '';
  return `${channelText(when, names)} is ${word} ${amountText(bound, when, names)}${span}`;
}

function channelText({ sensor, channel }: Threshold, names: RuleNames): string {
  return names.channel(sensor, channel)?.name ?? `${sensor} ${channel}`;
}

function amountText(value: number, { sensor, channel }: Threshold, names: RuleNames): string {
  const quantity = names.channel(sensor, channel)?.quantity;
  const symbol = quantity ? QUANTITIES[quantity].symbol : '';
  return symbol ? `${value} ${symbol}` : String(value);
}

function scheduleText({ days, from, to }: Schedule, timeZone: string): string {
  const hours = `from ${from} to ${to} (${timeZone})`;
  if (!days || days.length === WEEKDAYS.length) return hours;
  const named = WEEKDAYS.filter((day) => days.includes(day)).map((day) => DAY_WORDS[day]);
  return `${hours} on ${named.join(', ')}`;
}
