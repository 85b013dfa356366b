/** What lies under the lines: hatching where nothing is known, a tint where the clock is not sure. */
import type { GapSpan } from '../series/gap-spans.ts';
import type { ChartTheme } from './chart-theme.ts';

/** The plotting area in canvas pixels and the time at its borders. */
export interface PlotArea {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Epoch ms. */
  from: number;
  to: number;
  /** Canvas pixels a CSS pixel. */
  ratio: number;
}

/** Distance between two lines of the hatching, CSS px. */
const SPACING = 6;

function hatching(
  ctx: CanvasRenderingContext2D,
  colour: string,
  width: number,
  ratio: number,
): CanvasPattern | null {
  const size = Math.round(SPACING * ratio);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (!pen) return null;
  pen.strokeStyle = colour;
  pen.lineWidth = width * ratio;
  pen.beginPath();
  // three strokes, so that the tile joins its neighbours at the corners
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return ctx.createPattern(tile, 'repeat');
}

/** Draws spans of time over the whole height of `area`. */
export function drawUnderlay(
  ctx: CanvasRenderingContext2D,
  area: PlotArea,
  gaps: readonly GapSpan[],
  unsure: readonly { from: number; to: number }[],
  theme: ChartTheme,
): void {
  const perMs = area.width / (area.to - area.from);
  const fill = (from: number, to: number) => {
    const left = Math.max(0, (from - area.from) * perMs);
    const right = Math.min(area.width, (to - area.from) * perMs);
    if (right > left) ctx.fillRect(area.left + left, area.top, right - left, area.height);
  };
  ctx.save();
  ctx.fillStyle = theme.unsure;
  for (const span of unsure) fill(span.from, span.to);
  if (gaps.length > 0) {
    const pattern = hatching(ctx, theme.hatch, theme.rule * 0.8, area.ratio);
    ctx.globalAlpha = 0.55;
    ctx.fillStyle = pattern ?? theme.grid;
    for (const gap of gaps) fill(gap.from, gap.to);
  }
  ctx.restore();
}
