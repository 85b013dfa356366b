/** A strict RFC 4180 reader, for tests: rows of cells. Throws on anything the RFC does not allow. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new Error('a quote is not closed');
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') cell += text[at++];
        else break;
      }
      at++;
    } else {
      const end = /[,\n]/.exec(text.slice(at));
      cell = text.slice(at, end ? at + end.index : undefined);
      if (/["\r]/.test(cell)) throw new Error(`a bare quote or return in ${cell}`);
      at += cell.length;
    }
    row.push(cell);
    if (at < text.length && text[at] !== ',' && text[at] !== '\n') throw new Error('text after a quote');
    if (text[at] !== ',') {
      rows.push(row);
      row = [];
    }
    at++;
  }
  return rows;
}
