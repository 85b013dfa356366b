/**
 * Reads SQLite's b-tree pages without SQLite (sqlite.org/fileformat2.html, sections 1.6 and 2.1), for files that it
 * refuses to open. Pure. Trusts nothing: what does not fit the page is left out, and the caller checks what it finds.
 */

/** One row as it lies on a page. */
export interface Cell {
  /** Null in an index tree, which is what a WITHOUT ROWID table is. */
  rowid: number | null;
  /** Bytes of the whole record. */
  size: number;
  /** Those of them on this page. */
  local: Uint8Array;
  /** Page on which the rest begins, 0 when there is none. */
  overflow: number;
}

type Value = number | string | Uint8Array | null;

const INDEX_INTERIOR = 0x02;
const INDEX_LEAF = 0x0a;
const TABLE_LEAF = 0x0d;

/** Rows of a page; none when it is no page with rows. */
export function cellsOf(page: Uint8Array): Cell[] {
  const type = page[0];
  if (type !== INDEX_INTERIOR && type !== INDEX_LEAF && type !== TABLE_LEAF) return [];
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const count = view.getUint16(3);
  const pointers = type === INDEX_INTERIOR ? 12 : 8;
  const cells: Cell[] = [];
  for (let i = 0; i < count && pointers + 2 * i + 2 <= page.length; i++) {
    const cell = cellAt(page, view, view.getUint16(pointers + 2 * i), type);
    if (cell) cells.push(cell);
  }
  return cells;
}

function cellAt(page: Uint8Array, view: DataView, start: number, type: number): Cell | null {
  let at = type === INDEX_INTERIOR ? start + 4 : start;
  const size = varint(page, at);
  if (!size) return null;
  at += size.length;
  let rowid: number | null = null;
  if (type === TABLE_LEAF) {
    const id = varint(page, at);
    if (!id) return null;
    rowid = id.value;
    at += id.length;
  }
  const length = localLength(size.value, page.length, type === TABLE_LEAF);
  const spills = length < size.value;
  if (at + length + (spills ? 4 : 0) > page.length) return null;
  return {
    rowid,
    size: size.value,
    local: page.subarray(at, at + length),
    overflow: spills ? view.getUint32(at + length) : 0,
  };
}

/** Bytes of a record of `size` that stay on its page (section 1.6, "P", "U", "M" and "X"). */
function localLength(size: number, usable: number, table: boolean): number {
  const most = table ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (size <= most) return size;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((size - least) % (usable - 4));
  return wanted <= most ? wanted : least;
}

/** The columns of a whole record; null when it is none. */
export function recordOf(bytes: Uint8Array): Value[] | null {
  const header = varint(bytes, 0);
  if (!header || header.value > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: Value[] = [];
  let body = header.value;
  for (let at = header.length; at < header.value;) {
    const type = varint(bytes, at);
    if (!type) return null;
    at += type.length;
    const length = lengthOf(type.value);
    if (length === null || body + length > bytes.length) return null;
    values.push(valueAt(bytes, view, body, type.value, length));
    body += length;
  }
  return values;
}

const FIXED_LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function lengthOf(type: number): number | null {
  return type >= 12 ? Math.floor((type - 12) / 2) : (FIXED_LENGTHS[type] ?? null);
}

function valueAt(bytes: Uint8Array, view: DataView, at: number, type: number, length: number): Value {
  if (type === 0) return null;
  if (type === 7) return view.getFloat64(at);
  if (type === 8 || type === 9) return type - 8;
  if (type >= 12) {
    const part = bytes.slice(at, at + length);
    return type % 2 === 0 ? part : new TextDecoder().decode(part);
  }
  let value = view.getInt8(at);
  for (let i = 1; i < length; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** Seven bits a byte, the highest first, nine bytes at most; as a double it is exact to 2^53. */
function varint(bytes: Uint8Array, at: number): { value: number; length: number } | null {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    if (i === 8) return { value: value * 256 + byte, length: 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, length: i + 1 };
  }
  return null;
}
