/** Waits for real processes: looks at a condition until it holds, up to a deadline, instead of sleeping for luck. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  /** What was waited for, asked for when it did not come. */
  what: string | (() => string),
  ms = 15_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`${typeof what === 'string' ? what : what()} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
