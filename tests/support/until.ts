/** Waits for real processes: looks at a condition until it holds, up to a deadline, instead of sleeping for luck. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = 15_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
