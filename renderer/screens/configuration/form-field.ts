/**
 * From the JSON schema that a device gives to what a form asks for. Pure. A schema of a newer daemon with new fields
 * gives new fields; what no form is known for is asked for as YAML.
 * Beside JSON schema's own words it reads `refers` (what the value names: buses, sensors, outputs, channels) and `fill`
 * (what a new one begins with: the person, the day).
 */

export interface Field {
  title: string;
  help: string | null;
  /** What holds where nothing is given; undefined: nothing. */
  preset: unknown;
  refers: string | null;
  fill: string | null;
  /** The first is what a new one begins with. */
  examples: readonly string[];
  shape: Shape;
}

export interface Member {
  key: string;
  required: boolean;
  field: Field;
}

export type Option = string | number | boolean;

export interface Variant {
  value: Option;
  help: string | null;
  members: Member[];
}

export type Shape =
  | { kind: 'text' }
  | { kind: 'number'; unit: string | null; least: number | null; most: number | null }
  | { kind: 'flag' }
  | { kind: 'choice'; options: Option[] }
  /** Any of a few words: the days of a schedule. */
  | { kind: 'choices'; options: Option[] }
  | { kind: 'group'; members: Member[] }
  | { kind: 'list'; item: Field }
  /** So many values in this order. */
  | { kind: 'row'; items: Field[] }
  /** One of several groups, told by the member `tag`. */
  | { kind: 'union'; tag: string; variants: Variant[] }
  /** Names with values of any kind. */
  | { kind: 'map' }
  /** Yes, or a word: one value of several kinds. */
  | { kind: 'either' }
  | { kind: 'any' };

/** The part of JSON schema that zod writes. */
interface Schema {
  title?: string;
  description?: string;
  default?: unknown;
  refers?: unknown;
  fill?: unknown;
  unit?: unknown;
  examples?: unknown[];
  type?: string;
  const?: Option;
  enum?: Option[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema | boolean;
  prefixItems?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  additionalProperties?: Schema | boolean;
  $ref?: string;
  $defs?: Record<string, Schema>;
}

/** The whole document. Throws SyntaxError for what is no JSON. */
export function documentField(schemaText: string): Field {
  const root = JSON.parse(schemaText) as Schema;
  return fieldOf(root, 'configuration', root.$defs ?? {}, 0);
}

/** Schemas may refer to themselves: deeper than this a value is asked for as YAML. */
const DEEPEST = 12;

function fieldOf(given: Schema, key: string, defs: Record<string, Schema>, depth: number): Field {
  const { $ref, ...own } = given;
  const schema = $ref === undefined ? given : { ...defs[$ref.replace('#/$defs/', '')], ...own };
  return {
    title: schema.title ?? titleOf(key),
    help: schema.description ?? null,
    preset: schema.default,
    refers: wordOf(schema.refers),
    fill: wordOf(schema.fill),
    examples: (schema.examples ?? []).filter((example) => typeof example === 'string'),
    shape: depth > DEEPEST ? { kind: 'any' } : shapeOf(schema, key, defs, depth),
  };
}

function shapeOf(schema: Schema, key: string, defs: Record<string, Schema>, depth: number): Shape {
  const inner = (part: Schema, name: string) => fieldOf(part, name, defs, depth + 1);
  const { type, properties, items, prefixItems, oneOf } = schema;
  const options = schema.enum ?? (schema.const === undefined ? null : [schema.const]);
  if (options) return { kind: 'choice', options };
  const texts = schema.anyOf?.every((part) => part.type === 'string');
  if (type === 'string' || texts) return { kind: 'text' };
  if (type === 'boolean') return { kind: 'flag' };
  if (type === 'number' || type === 'integer')
    return {
      kind: 'number',
      unit: wordOf(schema.unit) ?? unitOf(key),
      least: schema.minimum ?? schema.exclusiveMinimum ?? null,
      most: schema.maximum ?? null,
    };
  if (prefixItems) return { kind: 'row', items: prefixItems.map((part, i) => inner(part, `${i + 1}`)) };
  if (type === 'array' && typeof items === 'object')
    return items.enum ? { kind: 'choices', options: items.enum } : { kind: 'list', item: inner(items, key) };
  if (schema.anyOf?.every((part) => PLAIN.has(part.type ?? ''))) return { kind: 'either' };
  const union = oneOf && unionOf(oneOf, defs, depth);
  if (union) return union;
  if (properties) return { kind: 'group', members: membersOf(schema, defs, depth) };
  return type === 'object' ? { kind: 'map' } : { kind: 'any' };
}

function membersOf({ properties = {}, required = [] }: Schema, defs: Record<string, Schema>, depth: number) {
  return Object.entries(properties).map(([key, part]): Member => ({
    key,
    required: required.includes(key),
    field: fieldOf(part, key, defs, depth + 1),
  }));
}

/** Null where no member tells them apart. */
function unionOf(parts: readonly Schema[], defs: Record<string, Schema>, depth: number): Shape | null {
  const values = (part: Schema, key: string): Option[] => {
    const own = part.properties?.[key];
    return own?.enum ?? (own?.const === undefined ? [] : [own.const]);
  };
  const keys = Object.keys(parts[0]?.properties ?? {});
  const tag = keys.find((key) => {
    const all = parts.flatMap((part) => values(part, key));
    return parts.every((part) => values(part, key).length > 0) && new Set(all).size === all.length;
  });
  if (tag === undefined) return null;
  const variants = parts.flatMap((part) => {
    const members = membersOf(part, defs, depth).filter(({ key }) => key !== tag);
    const help = part.properties?.[tag]?.description ?? null;
    return values(part, tag).map((value) => ({ value, help, members }));
  });
  return { kind: 'union', tag, variants };
}

const PLAIN = new Set(['string', 'boolean', 'number', 'integer', 'null']);

const UNITS: [ending: RegExp, unit: string][] = [
  [/Ms$/, 'ms'],
  [/Mb$/, 'MB'],
  [/Bytes$/, 'bytes'],
  [/Hz$/, 'Hz'],
];

function unitOf(key: string): string | null {
  return UNITS.find(([ending]) => ending.test(key))?.[1] ?? null;
}

/** `minOffMs` → `Min off`. */
function titleOf(key: string): string {
  const bare = UNITS.reduce((name, [ending]) => name.replace(ending, ''), key);
  const words = (bare || key).replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
