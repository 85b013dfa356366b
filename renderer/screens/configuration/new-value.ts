/** What a form puts where something is added: as little as the schema wants, with what can be known filled in. Pure. */
import type { Field, Member } from './form-field.ts';

export interface Known {
  /** Who is at this laptop. */
  person: string;
  /** Today, `2026-05-03`. */
  day: string;
  /** What a field that refers to something may name; the first is taken. */
  candidates: (refers: string) => readonly string[];
}

/** A value to begin with. */
export function newValue(field: Field, known: Known): unknown {
  const { shape, preset, fill, refers, examples } = field;
  if (fill === 'person') return known.person;
  if (fill === 'day') return known.day;
  switch (shape.kind) {
    case 'text':
      return (refers === null ? undefined : known.candidates(refers)[0]) ?? preset ?? examples[0] ?? '';
    case 'number':
      return preset ?? Math.max(0, shape.least ?? 0);
    case 'flag':
      return preset ?? false;
    case 'choice':
      return preset ?? shape.options[0];
    case 'choices':
      return [...shape.options];
    case 'row':
      return shape.items.map((item) => newValue(item, known));
    case 'group':
      return members(shape.members, known);
    case 'union': {
      const [first] = shape.variants;
      if (!first) return {};
      // as people write it: who it is, of what kind, the rest
      const { id, ...rest } = members(first.members, known);
      return { ...(id !== undefined && { id }), [shape.tag]: first.value, ...rest };
    }
    case 'list':
      return [newValue(shape.item, known)];
    case 'map':
      return {};
    case 'either':
    case 'any':
      return preset ?? null;
  }
}

function members(all: readonly Member[], known: Known): Record<string, unknown> {
  return Object.fromEntries(
    all.filter(({ required }) => required).map(({ key, field }) => [key, newValue(field, known)]),
  );
}

/** `value` with a short name that none of `taken` has: `bus-2`. What has no `id` stays. */
export function withOwnId(value: unknown, taken: readonly unknown[], stem: string): unknown {
  if (typeof value !== 'object' || value === null || !('id' in value)) return value;
  const ids = new Set(taken.map((row) => (row as { id?: unknown } | null)?.id));
  const wish = typeof value.id === 'string' && value.id !== '' ? value.id : `${stem}-1`;
  if (!ids.has(wish)) return { ...value, id: wish };
  const bare = wish.replace(/-\d+$/, '');
  let count = 2;
  while (ids.has(`${bare}-${count}`)) count++;
  return { ...value, id: `${bare}-${count}` };
}
