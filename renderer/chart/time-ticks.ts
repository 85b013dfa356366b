/**
 * Labels of a time axis in the machine's zone: the clock on the first line, and below it the day where a
 * new one begins. The day of the first tick is told above the charts. Pure.
 */

const DAY_S = 86_400;

/** Labels for tick times (epoch s, `stepS` apart). Where the day (or the year) changes it stands below. */
export function timeTickLabels(ticks: readonly number[], stepS: number, zone?: string): string[] {
  const inZone = zone === undefined ? {} : { timeZone: zone };
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(stepS < 60 ? { second: '2-digit' as const } : {}),
    ...(stepS < 1 ? { fractionalSecondDigits: 1 as const } : {}),
    ...inZone,
  });
  const long = stepS >= 28 * DAY_S;
  const day = new Intl.DateTimeFormat('en-GB', {
    ...(long ? {} : { day: 'numeric' as const }),
    month: 'short',
    ...inZone,
  });
  const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', ...inZone });
  let before: string | null = null;
  return ticks.map((tick) => {
    const at = tick * 1000;
    const [first, below] =
      stepS >= DAY_S ? [day.format(at), year.format(at)] : [clock.format(at), day.format(at)];
    const label = before === null || below === before ? first : `${first}\n${below}`;
    before = below;
    return label;
  });
}
