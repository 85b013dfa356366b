/** Text from a network made fit for a screen, a file and a log. Pure. */

// Cc control, Cf format (bidi overrides, zero width), Cs lone surrogates, Co private use, Cn unassigned, Zl/Zp separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\uFFFD]/gu;
/** More combining marks on one letter than any script needs: they would draw over neighbouring rows. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

/**
 * `text` as one printable line of at most `max` code points: control, bidi and invisible characters become
 * spaces, white space is collapsed, the ends are trimmed. Markup stays as it is: it is text and shown as text.
 */
export function printable(text: string, max: number): string {
  // Cut before the costly part: one code point is at most 2 units, and at most 4 of 5 may be taken away.
  const line = text
    .slice(0, max * 8)
    .normalize('NFC')
    .replace(UNPRINTABLE, ' ')
    .replace(PILED_MARKS, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
  return Array.from(line).slice(0, max).join('').trim();
}
