/**
 * Changes one value of a YAML document and leaves every other byte as it was: comments, order, quotation marks.
 * Owns: where in the text a value stands. Refuses: to guess; what comes of a change is read again, and where it is not
 * what was wanted (anchors, keys of several lines) the document is written anew with its comments, or without.
 * Called by the forms of the page and by whoever copies a configuration.
 */
import { isSeq, LineCounter, parseDocument, stringify, type Document } from 'yaml';
import { deletion, insertion, moving, setting, type Splice } from './yaml-splice.ts';

/** Keys and indexes from the root on. */
export type Path = readonly (string | number)[];

/** `path` of an insertion ends with the index before which the value comes; the length of the list appends. */
export type YamlEdit =
  | { kind: 'set'; path: Path; value: unknown }
  | { kind: 'delete'; path: Path }
  | { kind: 'insert'; path: Path; value: unknown }
  | { kind: 'move'; path: Path; from: number; to: number };

export interface ReadYaml {
  /** Plain data; undefined when the text cannot be read. */
  value: unknown;
  /** Why not, and on which line (from 1). */
  problem: { line: number | null; message: string } | null;
}

/** Reads a text as plain data, which must not be changed. An empty one is null. */
export function readYaml(text: string): ReadYaml {
  const { value, problem } = parsed(text);
  return { value, problem };
}

interface ParsedYaml extends ReadYaml {
  document: Document.Parsed;
}

/** A form reads the same text in several places, and what it wrote last: a thousand sensors take a moment to parse. */
const kept: { text: string; result: ParsedYaml }[] = [];
const KEPT = 4;

/** As the daemon takes them. */
const MOST_ALIASES = 100;

function parsed(text: string): ParsedYaml {
  const known = kept.find((entry) => entry.text === text);
  if (known) return known.result;
  const result = parse(text);
  kept.unshift({ text, result });
  kept.splice(KEPT);
  return result;
}

function parse(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const message = `column ${col}: ${error.message.split('\n')[0]}`;
    return { document, value: undefined, problem: { line, message } };
  }
  try {
    return { document, value: document.toJS({ maxAliasCount: MOST_ALIASES }) ?? null, problem: null };
  } catch {
    return { document, value: undefined, problem: { line: null, message: 'has too many aliases' } };
  }
}

/** The text after `edit`. A text that cannot be read comes back as it is. Maps and lists on the way are made. */
export function editYaml(text: string, edit: YamlEdit): string {
  const { document, problem } = parsed(text);
  if (problem) return text;
  const expected = JSON.stringify(applied(document.toJS({ maxAliasCount: MOST_ALIASES }), edit));
  const isRight = (candidate: string): boolean => {
    const read = readYaml(candidate);
    return !read.problem && JSON.stringify(read.value) === expected;
  };
  const spliced = splice(text, edit);
  if (spliced !== null && isRight(spliced)) return spliced;
  const rewritten = rewrite(text, edit);
  if (rewritten !== null && isRight(rewritten)) return rewritten;
  return stringify(JSON.parse(expected));
}

function splice(text: string, edit: YamlEdit): string | null {
  const { document } = parsed(text);
  let found: Splice | null;
  if (edit.kind === 'set') found = setting(text, document, edit.path, edit.value);
  else if (edit.kind === 'delete') found = deletion(text, document, edit.path);
  else if (edit.kind === 'insert') found = insertion(text, document, edit.path, edit.value);
  else found = moving(text, document, edit.path, edit.from, edit.to);
  return found && text.slice(0, found.from) + found.text + text.slice(found.to);
}

/** By the library: keeps comments, not the way it was written. */
function rewrite(text: string, edit: YamlEdit): string | null {
  const document = parseDocument(text);
  try {
    if (edit.kind === 'set') document.setIn(edit.path, document.createNode(edit.value));
    else if (edit.kind === 'delete') document.deleteIn(edit.path);
    else {
      const at = edit.kind === 'insert' ? edit.path.slice(0, -1) : edit.path;
      const list: unknown = document.getIn(at);
      if (!isSeq(list)) return null;
      const item =
        edit.kind === 'insert' ? document.createNode(edit.value) : list.items.splice(edit.from, 1)[0];
      list.items.splice(edit.kind === 'insert' ? Number(edit.path.at(-1)) : edit.to, 0, item);
    }
    return document.toString({ lineWidth: 0 });
  } catch {
    return null;
  }
}

/** What plain data becomes by `edit`; changes it in place. */
function applied(root: unknown, edit: YamlEdit): unknown {
  const holder: { root: unknown } = { root };
  const { path } = edit;
  if (edit.kind === 'move') {
    const list = valueAt(root, path);
    if (Array.isArray(list)) list.splice(edit.to, 0, ...(list.splice(edit.from, 1) as unknown[]));
    return root;
  }
  let at: Record<string | number, unknown> = holder;
  let key: string | number = 'root';
  for (const next of path) {
    if (at[key] === null || typeof at[key] !== 'object') {
      if (edit.kind === 'delete') return holder.root;
      at[key] = typeof next === 'number' ? [] : {};
    }
    at = at[key] as Record<string | number, unknown>;
    key = next;
  }
  if (edit.kind === 'set') at[key] = edit.value;
  else if (edit.kind === 'insert' && Array.isArray(at)) at.splice(Number(key), 0, edit.value);
  else if (Array.isArray(at)) at.splice(Number(key), 1);
  else delete at[key];
  return holder.root;
}

/** What stands at `path` of plain data; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}
