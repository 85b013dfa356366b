/** Paper is white: the page is printed in the light theme, and every chart is drawn before. */

/** Calls `changed` when printing begins (true) and has ended (false); the result stops it. */
export function followPrinting(changed: (printing: boolean) => void): () => void {
  const root = document.documentElement;
  let before: string | undefined;
  const start = () => {
    before = root.dataset['theme'];
    root.dataset['theme'] = 'light';
    changed(true);
  };
  const end = () => {
    if (before === undefined) delete root.dataset['theme'];
    else root.dataset['theme'] = before;
    changed(false);
  };
  addEventListener('beforeprint', start);
  addEventListener('afterprint', end);
  return () => {
    removeEventListener('beforeprint', start);
    removeEventListener('afterprint', end);
  };
}
