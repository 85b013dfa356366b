/** Lines of text from bytes, and numbers from lines: columns, named groups of a pattern, or keys of JSON. Pure. */

/** Bytes of one line; more is no line, and is passed over to its end. */
export const LONGEST_LINE = 1000;

/** Cuts what comes into lines. The first is left out: nobody knows whether its beginning was heard. */
export class LineCutter {
  #open = '';
  #passing = true;

  /** Whole lines without their ends, empty ones left out. `overlong`: lines that were passed over. */
  take(bytes: Uint8Array): { lines: string[]; overlong: number } {
    const parts = Buffer.from(bytes)
      .toString('latin1')
      .split(/[\r\n]/);
    const lines: string[] = [];
    let overlong = 0;
    for (const [i, part] of parts.entries()) {
      if (i > 0) {
        if (!this.#passing && this.#open !== '') lines.push(Buffer.from(this.#open, 'latin1').toString());
        this.#passing = false;
        this.#open = '';
      }
      if (this.#passing) continue;
      if (this.#open.length + part.length > LONGEST_LINE) {
        this.#passing = true;
        this.#open = '';
        overlong++;
      } else this.#open += part;
    }
    return { lines, overlong };
  }
}

/** How a line is read. */
export type LineForm =
  | { format: 'separated'; separator: string }
  | { format: 'pattern'; pattern: RegExp }
  | { format: 'json' };

/** Where in a line a value stands: column counted from 1, name of a group, or path of keys (`air.temperature`). */
export type Field = string | number;

/** Numbers of a line, one a field, NaN where it has none. Null: none of them is there, so it is no such line. */
export function readLine(line: string, form: LineForm, fields: readonly Field[]): number[] | null {
  const found = textsOf(line, form, fields);
  if (found === null) return null;
  const numbers = found.map(numberOf);
  return numbers.some((number) => !Number.isNaN(number)) ? numbers : null;
}

function textsOf(line: string, form: LineForm, fields: readonly Field[]): unknown[] | null {
  switch (form.format) {
    case 'separated': {
      const columns = line.split(form.separator);
      return fields.map((field) => columns[Number(field) - 1]);
    }
    case 'pattern': {
      const groups = form.pattern.exec(line)?.groups;
      return groups ? fields.map((field) => groups[field]) : null;
    }
    case 'json': {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        return null;
      }
      return fields.map((field) => at(value, String(field).split('.')));
    }
  }
}

function at(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

/** A plain decimal number; `0x10`, an empty column and `12 °C` are none. */
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*$/;

function numberOf(text: unknown): number {
  if (typeof text === 'number') return Number.isFinite(text) ? text : Number.NaN;
  if (typeof text === 'boolean') return Number(text);
  if (typeof text !== 'string' || text.length > 60 || !NUMBER.test(text)) return Number.NaN;
  const number = Number(text);
  return Number.isFinite(number) ? number : Number.NaN;
}
