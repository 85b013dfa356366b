/** `12 s ago`, with the absolute time and its zone on hover and for screen readers. */
import { formatAgo, formatTime } from '../text/format.ts';
import { useNow } from './use-now.ts';

/** `at` in epoch ms; `never` is said when it is null. */
export function RelativeTime({ at, never = 'never' }: { at: number | null; never?: string }) {
  const now = useNow();
  if (at === null) return <span>{never}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTime(at)}>
      {formatAgo(at, now)}
    </time>
  );
}
