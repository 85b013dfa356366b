import { describe, expect, it } from 'vitest';
import { chartOptions, doubtDash, type ChartOptions } from '../../../renderer/chart/options.ts';

const THEME = {
  ink: '#000000',
  faint: '#111111',
  grid: '#222222',
  hatch: '#333333',
  unsure: '#444444',
  series: ['#aa0000', '#00aa00', '#0000aa'],
  line: 1.5,
  rule: 1,
  font: '12px sans-serif',
};

function options(over: Partial<ChartOptions> = {}) {
  return chartOptions({
    width: 600,
    height: 150,
    quantity: 'temperature',
    colours: [2, 0],
    syncKey: 'device',
    drawing: {
      theme: () => THEME,
      range: () => ({ min: -1, max: 4 }),
      paths: () => null,
      underlay: () => {},
    },
    onCursor: () => {},
    onZoom: () => {},
    onBack: () => {},
    onHold: () => {},
    ...over,
  });
}

/** As much of a uPlot as the hooks touch; its x scale counts a second a pixel from 1000 s on. */
function plot(cursorLeft: number, selected: number) {
  return {
    cursor: { left: cursorLeft },
    select: { left: 100, width: selected },
    posToVal: (left: number) => 1000 + left,
    setSelect: () => {},
  } as never;
}

describe('chartOptions', () => {
  it('makes a whole and a dashed line of every channel, in the colour of its place', () => {
    const { series } = options();
    expect(series).toHaveLength(5);
    const stroke = (index: number) => (series[index] as { stroke: () => string }).stroke();
    expect([1, 2, 3, 4].map(stroke)).toEqual(['#0000aa', '#0000aa', '#aa0000', '#aa0000']);
    expect(series[1]?.dash).toBeUndefined();
    expect(series[2]?.dash).toEqual(doubtDash(1.5));
  });

  it('takes the range of values from the drawing', () => {
    const range = options().scales?.['y']?.range as () => [number, number];
    expect(range()).toEqual([-1, 4]);
  });

  it('turns a dragged stretch into ms, and a click into nothing', () => {
    const zooms: number[][] = [];
    const select = options({ onZoom: (from, to) => zooms.push([from, to]) }).hooks?.setSelect?.[0];
    select?.(plot(0, 50));
    select?.(plot(0, 2));
    expect(zooms).toEqual([[1_100_000, 1_150_000]]);
  });

  it('tells the moment under the pointer in ms, and when there is none', () => {
    const moments: (number | null)[] = [];
    const cursor = options({ onCursor: (at) => moments.push(at) }).hooks?.setCursor?.[0];
    cursor?.(plot(30, 0));
    cursor?.(plot(-10, 0));
    expect(moments).toEqual([1_030_000, null]);
  });

  it('shares the pointer with the other charts of the stack, but not a drag', () => {
    const pub = options().cursor?.sync?.filters?.pub;
    expect(pub?.('mousemove', {} as never, 0, 0, 0, 0, 0)).toBe(true);
    expect(pub?.('mousedown', {} as never, 0, 0, 0, 0, 0)).toBe(false);
  });
});
