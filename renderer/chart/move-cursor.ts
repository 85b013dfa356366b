/** Puts the cursor of all charts of a stack on one moment, for the keyboard. */
import uPlot from 'uplot';

/** `at` in epoch ms; null takes the cursor away. The charts tell their stack as they do for the pointer. */
export function moveCursor(syncKey: string, at: number | null): void {
  for (const plot of uPlot.sync(syncKey).plots) {
    const left = at === null ? -10 : plot.valToPos(at / 1000, 'x');
    plot.setCursor({ left, top: at === null ? -10 : 1 });
  }
}
