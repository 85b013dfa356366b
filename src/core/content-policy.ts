/** The Content-Security-Policy of the page, one for every shell. */

/**
 * The policy with `connect` as the only places the page may talk to. Inline style stays allowed: the widget
 * library writes three style elements of its own; scripts come from our files alone, and nothing is evaluated.
 */
export function contentPolicy(connect: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
