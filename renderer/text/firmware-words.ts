/** What a device says of its firmware, in words. Pure. */
import type { FirmwareState, Slot } from '../../src/shared/firmware.ts';

/** The slot that runs; null while a device does not tell. */
export function runningSlot({ running, slots }: FirmwareState): Slot | null {
  return slots.find(({ slot }) => slot === running) ?? null;
}

/** What "go back" would lead to: the other slot, else the first installation; null when there is nothing else. */
export function wayBack(state: FirmwareState): Slot | null {
  const others = state.slots.filter(({ slot }) => slot !== state.running);
  return others.find(({ slot }) => slot !== 'factory') ?? others[0] ?? null;
}

const SLOTS = { a: 'first place', b: 'second place', factory: 'first installation' } as const;

/** `orchard 1.3.1 (second place)`. */
export function slotWords({ product, version, slot }: Slot): string {
  return `${product} ${version} (${SLOTS[slot]})`;
}

/** How the last change ended, as a sentence; null when there was none. */
export function lastWords({ last }: FirmwareState): string | null {
  if (!last) return null;
  return last.outcome === 'confirmed'
    ? `${last.version} was kept: ${last.reason}.`
    : `${last.version} was tried and given up: ${last.reason}.`;
}
