/** The moment under the pointer, shared by all charts and legends of a stack. */
import { createStore, type StoreApi } from 'zustand/vanilla';

/** `at`: epoch ms, whole; null while the pointer is elsewhere. */
export type ChartCursor = StoreApi<{ at: number | null }>;

export function createChartCursor(): ChartCursor {
  return createStore<{ at: number | null }>(() => ({ at: null }));
}

/** Moves the cursor. Telling the same moment again, as every chart of a stack does, changes nothing. */
export function setCursor(cursor: ChartCursor, at: number | null): void {
  const whole = at === null ? null : Math.round(at);
  if (whole !== cursor.getState().at) cursor.setState({ at: whole });
}
