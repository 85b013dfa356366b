/** `text` as one word of a POSIX shell, whatever it holds (XCU 2.2.2, single quotes). */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
