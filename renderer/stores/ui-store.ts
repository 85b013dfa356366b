/**
 * What the person chose: theme, place, selection, filter, chart ranges. Survives a restart of the window.
 * Refuses anything the engine owns. What was stored by another version and does not fit is dropped, field by field.
 */
import * as z from 'zod';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EngineClient } from '../engine.ts';

const deviceId = z.string().min(1).max(120);

const placeSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('overview') }),
  z.object({ name: z.literal('device'), device: deviceId }),
  /** `devices`: the ones to begin with; the selection, or all, when absent. */
  z.object({ name: z.literal('export'), devices: z.array(deviceId).max(100_000).optional() }),
  /** `campaign`: one that was started; without it a new one, for `devices`. */
  z.object({
    name: z.literal('push'),
    campaign: z.string().max(60).optional(),
    devices: z.array(deviceId).max(100_000).optional(),
  }),
  z.object({ name: z.literal('settings') }),
]);
/** What the work area shows. */
type Place = z.infer<typeof placeSchema>;

const chartRangeSchema = z.discriminatedUnion('mode', [
  /** The last `spanMs` up to now, moving on. */
  z.object({ mode: z.literal('live'), spanMs: z.number().positive() }),
  /** From the first reading on, moving on. */
  z.object({ mode: z.literal('all') }),
  /** A stretch chosen by dragging or by date, standing still. */
  z.object({ mode: z.literal('fixed'), from: z.number(), to: z.number() }),
]);
/** The time that a device's charts show. */
export type ChartRange = z.infer<typeof chartRangeSchema>;

const FIELDS = {
  theme: z.enum(['system', 'light', 'dark', 'sunlight']),
  touch: z.boolean(),
  railOpen: z.boolean(),
  filter: z.string().max(200),
  selection: z.array(deviceId).max(100_000),
  place: placeSchema,
  chartRanges: z.record(z.string(), chartRangeSchema),
  /** Scroll offset in px by list name. */
  scroll: z.record(z.string(), z.number()),
};
type Kept = { [K in keyof typeof FIELDS]: z.infer<(typeof FIELDS)[K]> };
export type ThemeChoice = Kept['theme'];

/** The context drawer. Not kept over a restart: a half-made installation is begun anew. */
type Drawer = { name: 'install'; devices: string[] } | { name: 'uninstall'; device: string };

export interface UiState extends Kept {
  drawer: Drawer | null;
  paletteOpen: boolean;
  setTheme(theme: ThemeChoice): void;
  setTouch(touch: boolean): void;
  toggleRail(): void;
  setFilter(filter: string): void;
  toggleSelected(device: string): void;
  setSelection(devices: string[]): void;
  go(place: Place): void;
  setChartRange(device: string, range: ChartRange): void;
  setScroll(list: string, offset: number): void;
  openDrawer(drawer: Drawer): void;
  closeDrawer(): void;
  setPaletteOpen(open: boolean): void;
}
export type UiStore = StoreApi<UiState>;

const DEFAULTS: Kept = {
  theme: 'system',
  touch: false,
  railOpen: true,
  filter: '',
  selection: [],
  place: { name: 'overview' },
  chartRanges: {},
  scroll: {},
};

/** Where the choices are kept; `localStorage` in the page. */
export type Keeper = Pick<Storage, 'getItem' | 'setItem'>;
const KEY = 'muster.ui';

function read(keeper: Keeper): Kept {
  let stored: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(keeper.getItem(KEY) ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) stored = parsed as Record<string, unknown>;
  } catch {
    // unreadable: begin with the defaults
  }
  const kept = Object.entries(FIELDS).map(([name, schema]) => {
    const result = schema.safeParse(stored[name]);
    return [name, result.success ? result.data : DEFAULTS[name as keyof Kept]];
  });
  return Object.fromEntries(kept) as Kept;
}

function write(keeper: Keeper, state: UiState): void {
  const kept = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, state[name as keyof Kept]]));
  try {
    keeper.setItem(KEY, JSON.stringify(kept));
  } catch {
    // storage is full or forbidden: the choice holds until the window closes
  }
}

function renamed(state: UiState, from: string, to: string): Partial<UiState> {
  const swap = (id: string) => (id === from ? to : id);
  const { place, drawer, chartRanges } = state;
  const range = chartRanges[from];
  return {
    selection: [...new Set(state.selection.map(swap))],
    place: place.name === 'device' ? { ...place, device: swap(place.device) } : place,
    chartRanges: range ? { ...chartRanges, [to]: range } : chartRanges,
    drawer:
      drawer?.name === 'install'
        ? { ...drawer, devices: drawer.devices.map(swap) }
        : drawer && { ...drawer, device: swap(drawer.device) },
  };
}

/** Makes the store from what `keeper` holds and writes every change back. */
export function createUiStore(engine: EngineClient, keeper: Keeper): UiStore {
  const store = createStore<UiState>((set) => ({
    ...read(keeper),
    drawer: null,
    paletteOpen: false,
    setTheme: (theme) => set({ theme }),
    setTouch: (touch) => set({ touch }),
    toggleRail: () => set((state) => ({ railOpen: !state.railOpen })),
    setFilter: (filter) => set({ filter }),
    toggleSelected: (device) =>
      set(({ selection }) => ({
        selection: selection.includes(device)
          ? selection.filter((id) => id !== device)
          : [...selection, device],
      })),
    setSelection: (selection) => set({ selection }),
    go: (place) => set({ place }),
    setChartRange: (device, range) =>
      set(({ chartRanges }) => ({ chartRanges: { ...chartRanges, [device]: range } })),
    setScroll: (list, offset) => set(({ scroll }) => ({ scroll: { ...scroll, [list]: offset } })),
    openDrawer: (drawer) => set({ drawer }),
    closeDrawer: () => set({ drawer: null }),
    setPaletteOpen: (paletteOpen) => set({ paletteOpen }),
  }));
  store.subscribe((state) => write(keeper, state));
  engine.on('deviceRenamed', ({ from, to }) => store.setState((state) => renamed(state, from, to)));
  engine.on('deviceGone', ({ id }) =>
    store.setState((state) => ({
      selection: state.selection.filter((device) => device !== id),
      place: state.place.name === 'device' && state.place.device === id ? { name: 'overview' } : state.place,
    })),
  );
  return store;
}
