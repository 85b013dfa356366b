/** Keys that work everywhere: Ctrl K, /, Ctrl B, and Esc, which always steps back by one. */
import { useEffect } from 'react';
import { useMuster } from '../stores/muster.tsx';
import type { UiState } from '../stores/ui-store.ts';
import { FILTER_ID } from '../screens/fleet/fleet-rail.tsx';

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** One step back, from the nearest thing to the farthest. False when there is nothing to leave. */
function stepBack(state: UiState): boolean {
  if (state.drawer) state.closeDrawer();
  else if (state.selection.length > 0) state.setSelection([]);
  else if (state.filter !== '') state.setFilter('');
  else if (state.place.name !== 'overview') state.go({ name: 'overview' });
  else return false;
  return true;
}

function focusFilter(state: UiState): void {
  if (!state.railOpen) state.toggleRail();
  requestAnimationFrame(() => document.getElementById(FILTER_ID)?.focus());
}

export function useShortcuts(): void {
  const { ui } = useMuster();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const state = ui.getState();
      const mod = event.ctrlKey || event.metaKey;
      if (mod && event.key.toLowerCase() === 'k') state.setPaletteOpen(!state.paletteOpen);
      else if (mod && event.key.toLowerCase() === 'b') state.toggleRail();
      else if (event.key === '/' && !mod && !isTyping(event.target)) focusFilter(state);
      // A dialog or menu of the widget library takes its own Esc first and leaves the rest to the next press.
      else if (
        event.key === 'Escape' &&
        !state.paletteOpen &&
        !document.querySelector('[data-mantine-stop-propagation]')
      ) {
        if (!stepBack(state)) return;
      } else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [ui]);
}
