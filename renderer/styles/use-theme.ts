/** Which theme is shown: the person's choice, or the system's. */
import { useMediaQuery } from '@mantine/hooks';
import { useLayoutEffect } from 'react';
import { useUi } from '../stores/muster.tsx';

export type Theme = 'light' | 'dark' | 'sunlight';

/** Puts theme and touch mode on the document and returns the theme; charts redraw when it changes. */
export function useTheme(): Theme {
  const choice = useUi((state) => state.theme);
  const touch = useUi((state) => state.touch);
  const dark = useMediaQuery('(prefers-color-scheme: dark)', undefined, { getInitialValueInEffect: false });
  const theme = choice === 'system' ? (dark ? 'dark' : 'light') : choice;
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    document.documentElement.dataset['touch'] = String(touch);
  }, [theme, touch]);
  return theme;
}
