/** Where a change of a YAML document goes in its text: one stretch of it and what comes in its place. Pure. */
import {
  Document,
  isMap,
  isScalar,
  isSeq,
  visit,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Path } from './yaml-edit.ts';

/** `text` instead of what stands from `from` up to `to`. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

interface At {
  text: string;
  root: Document.Parsed;
}

/** The value at `path` becomes `value`. Null where it is not known how. */
export function setting(text: string, root: Document.Parsed, path: Path, value: unknown): Splice | null {
  return set({ text, root }, path, value);
}

function set(at: At, path: Path, value: unknown): Splice | null {
  if (path.length === 0) return { from: 0, to: at.text.length, text: `${blockText(value)}\n` };
  const parentPath = path.slice(0, -1);
  const key = path.at(-1) as string | number;
  const parent = nodeAt(at, parentPath);
  if (isMap(parent)) {
    const pair = pairOf(parent, key);
    if (!pair) return addPair(at, parentPath, parent, [key, value]);
    if (parent.flow || isPlain(pair.value, value)) return replaceInline(at, pair.value as Node | null, value);
    return replaceBehindColon(at, parent, pair, value);
  }
  if (isSeq(parent) && typeof key === 'number') {
    const item = parent.items[key] as Node | undefined;
    if (item === undefined)
      return key === parent.items.length ? insertion(at.text, at.root, path, value) : null;
    if (parent.flow || isPlain(item, value)) return replaceInline(at, item, value);
    const dash = dashOf(at, parent, key);
    if (dash === null) return null;
    const shown = isInline(value) ? inlineText(value) : blockText(value, columnOf(at, dash) + 2).trimStart();
    return { from: dash + 1, to: endOf(at, item), text: ` ${shown}` };
  }
  return set(at, parentPath, typeof key === 'number' ? [value] : { [key]: value });
}

/** What stands at `path` goes. */
export function deletion(text: string, root: Document.Parsed, path: Path): Splice | null {
  const at = { text, root };
  const parentPath = path.slice(0, -1);
  const key = path.at(-1);
  const parent = nodeAt(at, parentPath);
  if (isMap(parent) && key !== undefined) {
    const pair = pairOf(parent, key);
    const index = pair ? parent.items.indexOf(pair) : -1;
    const own = pair?.key as Node | undefined;
    if (!pair || !own?.range) return null;
    if (parent.items.length === 1) return parentPath.length === 0 ? null : set(at, parentPath, {});
    if (parent.flow)
      return cut(
        parent.items.map((row) => extentOf(row.key, row.value)),
        index,
      );
    const end = lineEnd(text, endOfPair(at, pair));
    if (isFirstOnLine(text, own.range[0]))
      return { from: lineStart(text, own.range[0]), to: end + 1, text: '' };
    const next = parent.items[index + 1]?.key as Node | undefined;
    return next?.range ? { from: own.range[0], to: next.range[0], text: '' } : null;
  }
  if (isSeq(parent) && typeof key === 'number') {
    if (parent.items.length === 1) return set(at, parentPath, []);
    if (parent.flow)
      return cut(
        parent.items.map((item) => extentOf(item)),
        key,
      );
    const rows = rowsOf(at, parent);
    const row = rows?.[key];
    return row ? { from: row.from, to: row.to + 1, text: '' } : null;
  }
  return null;
}

/** `value` comes into the list before the index that ends `path`. */
export function insertion(text: string, root: Document.Parsed, path: Path, value: unknown): Splice | null {
  const at = { text, root };
  const listPath = path.slice(0, -1);
  const index = Number(path.at(-1));
  const list = nodeAt(at, listPath);
  if (!isSeq(list) || list.items.length === 0) return set(at, listPath, [value]);
  const before = list.items[index - 1] as Node | undefined;
  const after = list.items[index] as Node | undefined;
  if (list.flow) {
    if (before) return { from: endOf(at, before), to: endOf(at, before), text: `, ${inlineText(value)}` };
    const from = after?.range?.[0];
    return from === undefined ? null : { from, to: from, text: `${inlineText(value)}, ` };
  }
  const first = dashOf(at, list, 0);
  if (first === null) return null;
  const column = columnOf(at, first);
  const item = `- ${isInline(value) ? inlineText(value) : blockText(value, column + 2).trimStart()}`;
  if (!before) return { from: first, to: first, text: `${item}\n${' '.repeat(column)}` };
  const end = lineEnd(text, endOf(at, before));
  return { from: end, to: end, text: `\n${' '.repeat(column)}${item}` };
}

/** The item at `from` comes to stand at `to`, with the comments within it. */
export function moving(
  text: string,
  root: Document.Parsed,
  path: Path,
  from: number,
  to: number,
): Splice | null {
  const at = { text, root };
  const list = nodeAt(at, path);
  if (!isSeq(list)) return null;
  if (list.flow) {
    const values = list.toJS(root) as unknown[];
    values.splice(to, 0, ...values.splice(from, 1));
    return replaceInline(at, list, values);
  }
  const rows = rowsOf(at, list);
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  const [first, last] = [rows?.[low], rows?.[high]];
  if (!rows || !first || !last) return null;
  // what stands between two items stays where it is
  const between = rows.slice(low, high).map((row, i) => text.slice(row.to, rows[low + i + 1]?.from));
  const shown = rows.slice(low, high + 1).map((row) => text.slice(row.from, row.to));
  shown.splice(to - low, 0, ...shown.splice(from - low, 1));
  return { from: first.from, to: last.to, text: shown.map((row, i) => row + (between[i] ?? '')).join('') };
}

function addPair(at: At, path: Path, map: YAMLMap, [key, value]: [string | number, unknown]): Splice | null {
  const last = map.items.at(-1);
  if (!last)
    return isWithinFlow(at, path)
      ? replaceInline(at, map, { [key]: value })
      : set(at, path, { [key]: value });
  const end = endOfPair(at, last);
  if (map.flow) return { from: end, to: end, text: `, ${inlineText(key)}: ${inlineText(value)}` };
  const column = columnOf(at, map.range?.[0] ?? 0);
  const to = lineEnd(at.text, end);
  return { from: to, to, text: `\n${blockText({ [key]: value }, column)}` };
}

function replaceInline(at: At, node: Node | null, value: unknown): Splice | null {
  if (!node?.range) return null;
  const [from, to] = node.range;
  return { from, to, text: `${/[:-]/.test(at.text[from - 1] ?? '') ? ' ' : ''}${inlineText(value)}` };
}

/** A value of several lines in a block map, or one that becomes such: a comment behind the key stays behind it. */
function replaceBehindColon(at: At, map: YAMLMap, pair: Pair, value: unknown): Splice | null {
  const from = colonEnd(at, pair);
  if (from === null) return null;
  const to = Math.max(from, endOfPair(at, pair));
  const note = commentAt(at.text, from);
  // one behind a value of one line moves up to the key with it
  const tail = note === '' && !isInline(value) ? commentAt(at.text, to) : '';
  const column = columnOf(at, map.range?.[0] ?? 0);
  const shown = isInline(value)
    ? ` ${inlineText(value)}${note}`
    : `${note || tail}\n${blockText(value, column + 2)}`;
  return { from, to: to + tail.length, text: shown };
}

/** Cuts one of a flow collection's items out, with one comma. */
function cut(items: readonly Extent[], index: number): Splice | null {
  const own = items[index];
  const next = items[index + 1];
  const before = items[index - 1];
  if (!own) return null;
  if (next) return { from: own[0], to: next[0], text: '' };
  return { from: before ? before[1] : own[0], to: own[1], text: '' };
}

/** From the first character to behind the last. */
type Extent = [from: number, to: number];

function extentOf(key: unknown, value: unknown = key): Extent {
  const [from = 0, to = 0] = (key as Node | null)?.range ?? [];
  return [from, Math.max(to, (value as Node | null)?.range?.[1] ?? 0)];
}

/** Whole lines of a block list's items, `to` before the line's end; null where two share a line. */
function rowsOf(at: At, list: YAMLSeq): { from: number; to: number }[] | null {
  const rows = [];
  for (const [i, item] of list.items.entries()) {
    const dash = dashOf(at, list, i);
    if (dash === null || !isFirstOnLine(at.text, dash)) return null;
    rows.push({
      from: lineStart(at.text, dash),
      to: lineEnd(at.text, Math.max(dash + 1, endOf(at, item as Node))),
    });
  }
  return rows;
}

/** Where the dash of an item stands. */
function dashOf(at: At, list: YAMLSeq, index: number): number | null {
  const first = list.range?.[0];
  if (first === undefined) return null;
  if (index === 0) return at.text[first] === '-' ? first : null;
  const column = columnOf(at, first);
  const before = dashOf(at, list, index - 1);
  if (before === null) return null;
  let from = lineEnd(at.text, Math.max(before + 1, endOf(at, list.items[index - 1] as Node))) + 1;
  while (from < at.text.length) {
    const end = lineEnd(at.text, from);
    if (at.text[from + column] === '-' && isFirstOnLine(at.text, from + column)) return from + column;
    from = end + 1;
  }
  return null;
}

function nodeAt({ root }: At, path: Path): unknown {
  return path.length === 0 ? root.contents : root.getIn(path, true);
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function isWithinFlow(at: At, path: Path): boolean {
  return path.some((_, i) => {
    const node = nodeAt(at, path.slice(0, i));
    return (isMap(node) || isSeq(node)) && node.flow === true;
  });
}

/** Whether both fit where a value of one line stands. */
function isPlain(node: unknown, value: unknown): boolean {
  if (!isInline(value)) return false;
  if (isScalar(node)) return node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED';
  return !(isMap(node) || isSeq(node)) || node.flow === true;
}

/** Offset behind the last character of a node's own text. */
function endOf(at: At, node: Node | null): number {
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1);
    return isMap(node)
      ? endOfPair(at, last as Pair)
      : Math.max(node.range?.[0] ?? 0, endOf(at, last as Node));
  }
  let end = node?.range?.[1] ?? 0;
  while (at.text[end - 1] === '\n') end--;
  return end;
}

function endOfPair(at: At, pair: Pair): number {
  const key = pair.key as Node | null;
  return Math.max(endOf(at, key), colonEnd(at, pair) ?? 0, endOf(at, pair.value as Node | null));
}

function colonEnd(at: At, { key }: Pair): number | null {
  const end = (key as Node | null)?.range?.[1];
  if (end === undefined) return null;
  const colon = /^[ \t]*:/.exec(at.text.slice(end, end + 80));
  return colon ? end + colon[0].length : null;
}

function commentAt(text: string, from: number): string {
  return /^[ \t]+#[^\n]*/.exec(text.slice(from, lineEnd(text, from)))?.[0] ?? '';
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}

function columnOf({ text }: At, offset: number): number {
  return offset - lineStart(text, offset);
}

function isFirstOnLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/** Nothing that wants lines of its own. */
function isInline(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (!Array.isArray(value)) return Object.keys(value).length === 0;
  return value.every((item) => isInline(item) && (typeof item !== 'object' || Array.isArray(item)));
}

/** On one line, also within brackets. */
function inlineText(value: unknown): string {
  const document = new Document([value]);
  visit(document, {
    Collection(_, node) {
      node.flow = true;
    },
  });
  return document
    .toString({ lineWidth: 0, blockQuote: false, flowCollectionPadding: false })
    .trim()
    .slice(1, -1);
}

/** On lines of its own, each indented by `indent`; lists of plain values on one line. */
function blockText(value: unknown, indent = 0): string {
  const document = new Document(value);
  visit(document, {
    Seq(_, node) {
      if (isInline(node.toJS(document))) node.flow = true;
    },
  });
  const text = document.toString({ lineWidth: 0, blockQuote: false, flowCollectionPadding: false }).trimEnd();
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(indent));
}
