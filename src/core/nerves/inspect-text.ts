/** What Elixir's `inspect` prints, as values. Pure; bears whatever a device answers, since nobody vouches for that. */

/** Atoms other than true, false and nil. */
export interface Atom {
  atom: string;
}
export interface Tuple {
  tuple: Term[];
}
/** `struct`: its name, null for a plain map. */
export interface ElixirMap {
  struct: string | null;
  entries: [Term, Term][];
}
/** What cannot be a value here: a process, a function, the `...` of a shortened list or string. */
export interface Opaque {
  opaque: string;
}
/** Charlists come as text, binaries as their UTF-8 text. A keyword list is a list of tuples. */
export type Term = string | number | bigint | boolean | null | Term[] | Atom | Tuple | ElixirMap | Opaque;

const MAX_DEPTH = 40;
/** `inspect` stops at 4096 letters of a string and 50 items of a collection; deep ones can be longer together. */
const MAX_TEXT = 200_000;

const SPACE = /\s+/y;
const NUMBER = /-?\d+(?:\.\d+(?:e[+-]?\d+)?)?/y;
const STRING = /"((?:[^"\\]|\\[\s\S])*)"/y;
const CHARS = /(?:~c"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)')/y;
const ATOM =
  /:(?:"((?:[^"\\]|\\[\s\S])*)"|([\p{L}_][\p{L}\p{N}_@]*[?!]?|[^\s\p{L}\p{N}_"',()[\]{}:]{1,3}))/uy;
const KEY = /(?:"((?:[^"\\]|\\[\s\S])*)"|([\p{L}_][\p{L}\p{N}_@]*[?!]?)):(?=\s)/uy;
const NAME = /[\p{L}_][\p{L}\p{N}_.]*[?!]?/uy;
const OPAQUE = /#[\p{L}][\p{L}\p{N}_.]*</uy;
const SIGIL = /~[a-zA-Z]+(?:\[[^\]]*\]|"[^"]*"|\/[^/]*\/)[a-z]*/y;
const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  d: '\x7f',
  e: '\x1b',
  f: '\f',
  v: '\v',
  s: ' ',
  '0': '\0',
};

/** The value, or undefined when the text is not a whole term. */
export function parseInspect(text: string): Term | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const reader = new Reader(text);
  const term = reader.term(0);
  reader.space();
  return reader.atEnd ? term : undefined;
}

/** The value of a key in a map or keyword list; undefined when it has none. */
export function field(term: Term | undefined, key: string): Term | undefined {
  if (typeof term !== 'object' || term === null) return undefined;
  const entries = Array.isArray(term)
    ? term.flatMap((item) => (isPair(item) ? [item.tuple] : []))
    : 'entries' in term
      ? term.entries
      : [];
  return entries.find(([name]) => atomName(name) === key || name === key)?.[1];
}

/** The name of an atom, null for anything else. */
export function atomName(term: Term | undefined): string | null {
  return typeof term === 'object' && term !== null && 'atom' in term ? term.atom : null;
}

function isPair(term: Term): term is { tuple: [Term, Term] } {
  return typeof term === 'object' && term !== null && 'tuple' in term && term.tuple.length === 2;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  space(): void {
    this.#match(SPACE);
  }

  term(depth: number): Term | undefined {
    if (depth > MAX_DEPTH) return undefined;
    this.space();
    if (this.#take('%')) return this.#map(depth);
    if (this.#take('{')) {
      const tuple = this.#items('}', depth);
      return tuple && { tuple };
    }
    if (this.#take('[')) return this.#items(']', depth);
    if (this.#take('<<')) return this.#binary();
    if (this.#take('...')) return { opaque: '...' };
    const string = this.#match(STRING);
    // a string that was too long goes on as `"…" <> ...`
    if (string) return this.#take(' <> ...') ? { opaque: '...' } : unescape(string[1] ?? '');
    const chars = this.#match(CHARS);
    if (chars) return unescape(chars[1] ?? chars[2] ?? '');
    const sigil = this.#match(SIGIL);
    if (sigil) return { opaque: sigil[0] };
    if (this.#match(OPAQUE)) return this.#opaque();
    const atom = this.#match(ATOM);
    if (atom) return { atom: atom[1] === undefined ? (atom[2] ?? '') : unescape(atom[1]) };
    const number = this.#match(NUMBER);
    if (number) return this.#take('..') ? this.#rest(number[0]) : numberOf(number[0]);
    return this.#name(depth);
  }

  /** `nil`, `true`, a module's name, or an inspection of a struct's own such as `MapSet.new([1])`. */
  #name(depth: number): Term | undefined {
    const name = this.#match(NAME)?.[0];
    if (name === undefined) return undefined;
    if (name === 'nil') return null;
    if (name === 'true' || name === 'false') return name === 'true';
    if (!/^\p{Lu}/u.test(name)) return undefined;
    if (!this.#take('(')) return { atom: name };
    return this.#items(')', depth) && { opaque: name };
  }

  #map(depth: number): ElixirMap | undefined {
    const struct = this.#match(NAME)?.[0] ?? null;
    if (!this.#take('{')) return undefined;
    const entries: [Term, Term][] = [];
    for (;;) {
      this.space();
      if (this.#take('}')) return { struct, entries };
      if (entries.length > 0) {
        if (!this.#take(',')) return undefined;
        this.space();
      }
      if (this.#take('...')) entries.push([{ opaque: '...' }, null]);
      else {
        const keyword = this.#keyword();
        const key = keyword ?? this.term(depth + 1);
        this.space();
        if (key === undefined || (keyword === undefined && !this.#take('=>'))) return undefined;
        const value = this.term(depth + 1);
        if (value === undefined) return undefined;
        entries.push([key, value]);
      }
    }
  }

  #items(close: string, depth: number): Term[] | undefined {
    const items: Term[] = [];
    for (;;) {
      this.space();
      if (this.#take(close)) return items;
      if (items.length > 0 && !this.#take(',') && !this.#take('|')) return undefined;
      this.space();
      const key = this.#keyword();
      const value = this.term(depth + 1);
      if (value === undefined) return undefined;
      items.push(key === undefined ? value : { tuple: [key, value] });
    }
  }

  #keyword(): Atom | undefined {
    const key = this.#match(KEY);
    return key ? { atom: key[1] === undefined ? key[2]! : unescape(key[1]) } : undefined;
  }

  /** `<<97, 10>>`, its `<<` taken; bits and the rest of a long one make it opaque. */
  #binary(): string | Opaque | undefined {
    const end = this.#text.indexOf('>>', this.#at);
    if (end < 0) return undefined;
    const inner = this.#text.slice(this.#at, end);
    this.#at = end + 2;
    if (inner.trim() === '') return '';
    const bytes = inner.split(',').map((part) => (/^\s*\d{1,3}\s*$/.test(part) ? Number(part) : Number.NaN));
    return bytes.every((byte) => byte < 256)
      ? Buffer.from(bytes).toString('utf8')
      : { opaque: `<<${inner}>>` };
  }

  /** `#PID<0.96.0>`, up to the `>` that ends it; functions have others within. */
  #opaque(): Opaque | undefined {
    const from = this.#at;
    for (let depth = 1; this.#at < this.#text.length;) {
      const letter = this.#text[this.#at++];
      if (letter === '<') depth++;
      if (letter === '>' && this.#text[this.#at - 2] !== '-' && --depth === 0)
        return { opaque: this.#text.slice(from, this.#at - 1) };
    }
    return undefined;
  }

  /** A range, of which the first number is read. */
  #rest(first: string): Opaque | undefined {
    const last = this.#match(NUMBER);
    return last ? { opaque: `${first}..${last[0]}` } : undefined;
  }

  #take(text: string): boolean {
    const has = this.#text.startsWith(text, this.#at);
    if (has) this.#at += text.length;
    return has;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }
}

function numberOf(text: string): number | bigint {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('.')
    ? BigInt(text)
    : value;
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|([\s\S]))/g,
    (all, ...groups) => {
      const [x, shortX, u, shortU, one] = groups as (string | undefined)[];
      const hex = x ?? shortX ?? u ?? shortU;
      if (hex === undefined) return ESCAPES[one ?? ''] ?? one ?? '';
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** `text` as an Elixir string literal, safe within an expression. */
export function elixirString(text: string): string {
  return `"${text.replace(/["\\#]/g, '\\$&').replace(/[^\x20-\x7e]/gu, (one) => `\\x{${one.codePointAt(0)!.toString(16)}}`)}"`;
}
