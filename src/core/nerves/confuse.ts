/** libconfuse's text form, as far as fwup writes it into `meta.conf`: values, lists, sections, calls. Pure. */

/** A section's content. `values`: the last assignment of a name counts; a scalar is a list of one. */
export interface Section {
  values: Map<string, string[]>;
  sections: { name: string; title: string | null; body: Section }[];
}

/** Deeper than anything fwup nests (task, on-resource). */
const MAX_DEPTH = 8;

type Token = { kind: 'text' | 'mark'; text: string };

const SPACE = /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const MARK = /\+=|[={}(),]/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'/y;
const WORD = /[^\s={}(),"'#+]+/y;
const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\x07',
  e: '\x1b',
  v: '\v',
};

/** The whole text as one section, or null when it is not libconfuse's. */
export function parseConfuse(text: string): Section | null {
  const tokens = tokenize(text);
  if (tokens === null) return null;
  let at = 0;
  const isMark = (mark: string) => tokens[at]?.kind === 'mark' && tokens[at]?.text === mark;
  const take = (mark: string) => isMark(mark) && at++ >= 0;
  const takeText = (): string | null => (tokens[at]?.kind === 'text' ? tokens[at++]!.text : null);

  /** Texts between commas up to `close`; its opening mark is taken already. */
  function list(close: string): string[] | null {
    const items: string[] = [];
    while (!take(close)) {
      if (items.length > 0 && !take(',')) return null;
      if (items.length > 0 && take(close)) return items;
      const item = takeText();
      if (item === null) return null;
      items.push(item);
    }
    return items;
  }

  function section(depth: number): Section | null {
    const out: Section = { values: new Map(), sections: [] };
    while (at < tokens!.length && !isMark('}')) {
      const name = takeText();
      if (name === null || depth > MAX_DEPTH) return null;
      const adds = take('+=');
      if (adds || take('=')) {
        const one = take('{') ? list('}') : takeText();
        if (one === null) return null;
        const value = typeof one === 'string' ? [one] : one;
        out.values.set(name, adds ? [...(out.values.get(name) ?? []), ...value] : value);
      } else if (take('(')) {
        if (list(')') === null) return null;
      } else {
        const title = takeText();
        if (!take('{')) return null;
        const body = section(depth + 1);
        if (body === null || !take('}')) return null;
        out.sections.push({ name, title, body });
      }
    }
    return out;
  }

  const whole = section(0);
  return at === tokens.length ? whole : null;
}

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (at < text.length) {
    if (match(SPACE)) continue;
    const mark = match(MARK);
    if (mark) {
      tokens.push({ kind: 'mark', text: mark[0] });
      continue;
    }
    const quoted = match(QUOTED);
    const word = quoted ? null : match(WORD);
    if (!quoted && !word) return null;
    tokens.push({ kind: 'text', text: quoted ? unescape(quoted[1] ?? quoted[2] ?? '') : word![0] });
  }
  return tokens;
}

function unescape(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|\n|([\s\S]))/g, (_all, hex, octal, one) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex as string, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal as string, 8) & 0xff);
    return one === undefined ? '' : (ESCAPES[one as string] ?? (one as string));
  });
}
