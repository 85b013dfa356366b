/** The tokens as a canvas needs them: read from the document, and read again when the theme changes. */

export interface ChartTheme {
  ink: string;
  faint: string;
  grid: string;
  hatch: string;
  unsure: string;
  /** Colours of the eight series, in order. */
  series: string[];
  /** Width of a series' line and of the grid's, CSS px. */
  line: number;
  rule: number;
  font: string;
}

function readChartTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token('ink'),
    faint: token('ink-2'),
    grid: withAlpha(token('hairline'), 0.7),
    hatch: token('hatch'),
    unsure: withAlpha(token('attention'), 0.12),
    series: Array.from({ length: SERIES_COLOURS }, (_, index) => token(`series-${index + 1}`)),
    line: Number.parseFloat(token('series-stroke')) || 1.5,
    rule: Number.parseFloat(token('stroke')) || 1,
    font: `${token('size-1') || '12px'} ${token('font') || 'sans-serif'}`,
  };
}

/** Colours there are; channel n of a device has colour n modulo this, always. */
export const SERIES_COLOURS = 8;

/** `#rrggbb` with an opacity of 0 to 1; any other spelling is returned as it is. */
export function withAlpha(colour: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  return `${colour}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

let current: ChartTheme | null = null;
const followers = new Set<() => void>();
let observer: MutationObserver | null = null;

/** The theme as it is now. */
export function chartTheme(): ChartTheme {
  current ??= readChartTheme();
  return current;
}

/** Calls `changed` when the document's theme has changed; the result stops it. */
export function followChartTheme(changed: () => void): () => void {
  followers.add(changed);
  observer ??= new MutationObserver(() => {
    current = null;
    for (const follower of followers) follower();
  });
  if (followers.size === 1) observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  current = null;
  return () => {
    followers.delete(changed);
    if (followers.size === 0) observer?.disconnect();
  };
}
