/**
 * True when version `a` is older than `b`: numbers by size, a pre-release before its release (Semantic Versioning 2.0.0,
 * section 11), everything else as text. What follows a `+` does not count.
 */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(left.main.length, right.main.length); i++) {
    const order = compare(left.main[i] ?? '0', right.main[i] ?? '0');
    if (order !== 0) return order < 0;
  }
  if (left.pre === null || right.pre === null) return left.pre !== null && right.pre === null;
  for (let i = 0; i < Math.max(left.pre.length, right.pre.length); i++) {
    const order = compare(left.pre[i] ?? '', right.pre[i] ?? '');
    if (order !== 0) return order < 0;
  }
  return false;
}

function parts(version: string): { main: string[]; pre: string[] | null } {
  const [plain = ''] = version.split('+');
  const at = plain.indexOf('-');
  const main = (at < 0 ? plain : plain.slice(0, at)).split('.');
  return { main, pre: at < 0 ? null : plain.slice(at + 1).split('.') };
}

function compare(a: string, b: string): number {
  const numeric = /^\d+$/;
  if (numeric.test(a) && numeric.test(b)) return Number(a) - Number(b);
  // numbers come before words, and nothing before both
  if (numeric.test(a) !== numeric.test(b) && a !== '' && b !== '') return numeric.test(a) ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}
