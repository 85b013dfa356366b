/** Nothing moves under the pointer: a list keeps its order while somebody is pointing into it. */
import { useEffect, useRef, useState } from 'react';

/** After this long without a movement of the pointer, ms, the order may change. */
const HOLD_MS = 1000;

/**
 * `value`, or the one before as long as the pointer moves over the list. A new `key` (another filter) shows at once.
 * Spread `pointer` on the list's element.
 */
export function useSteady<T>(value: T, key: string, same: (a: T, b: T) => boolean) {
  const [shown, setShown] = useState({ value, key });
  const movedAt = useRef(-Infinity);
  const settled = shown.key === key && same(shown.value, value);

  useEffect(() => {
    if (settled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tryShow = () => {
      const wait = shown.key === key ? movedAt.current + HOLD_MS - performance.now() : 0;
      if (wait > 0) timer = setTimeout(tryShow, wait);
      else setShown({ value, key });
    };
    tryShow();
    return () => clearTimeout(timer);
  }, [settled, shown.key, value, key]);

  return {
    shown: shown.key === key ? shown.value : value,
    pointer: {
      onPointerMove: () => {
        movedAt.current = performance.now();
      },
      onPointerLeave: () => {
        movedAt.current = -Infinity;
      },
    },
  };
}
