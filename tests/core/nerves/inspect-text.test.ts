import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atomName,
  elixirString,
  field,
  parseInspect,
  type Term,
} from '../../../src/core/nerves/inspect-text.ts';

/** Elixir's `inspect`, for the terms of the property test. `gap`: white space between items, as its line breaks are. */
function inspect(term: Term, gap: string): string {
  if (typeof term === 'string') return elixirString(term);
  if (term === null) return 'nil';
  if (typeof term !== 'object') return String(term);
  if (Array.isArray(term)) return `[${term.map((one) => inspect(one, gap)).join(`,${gap}`)}]`;
  if ('atom' in term)
    return /^[a-z_]\w*[?!]?$/i.test(term.atom) ? `:${term.atom}` : `:${elixirString(term.atom)}`;
  if ('tuple' in term) return `{${term.tuple.map((one) => inspect(one, gap)).join(`,${gap}`)}}`;
  if ('opaque' in term) return `#PID<${term.opaque}>`;
  const pairs = term.entries.map(([key, value]) => `${inspect(key, gap)} => ${inspect(value, gap)}`);
  return `%${term.struct ?? ''}{${gap}${pairs.join(`,${gap}`)}${gap}}`;
}

const terms = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc
      .string({ minLength: 1 })
      .filter((text) => !['nil', 'true', 'false'].includes(text))
      .map((atom) => ({ atom })),
    fc.array(tie('term'), { maxLength: 4 }),
    fc.array(tie('term'), { maxLength: 4 }).map((tuple) => ({ tuple })),
    fc.record({
      struct: fc.constantFrom(null, 'URI', 'Nerves.Runtime.KV'),
      entries: fc.array(fc.tuple(tie('term'), tie('term')), { maxLength: 4 }),
    }),
  ),
})).term;

describe('the text of inspect', () => {
  it.each<[string, Term]>([
    [
      '%{active: "a", next: "b"}',
      {
        struct: null,
        entries: [
          [{ atom: 'active' }, 'a'],
          [{ atom: 'next' }, 'b'],
        ],
      },
    ],
    ['{:ok, "77324\\n"}', { tuple: [{ atom: 'ok' }, '77324\n'] }],
    ['{:error, :enoent}', { tuple: [{ atom: 'error' }, { atom: 'enoent' }] }],
    ['[a: 1, b: nil]', [{ tuple: [{ atom: 'a' }, 1] }, { tuple: [{ atom: 'b' }, null] }]],
    ['["a b": 1]', [{ tuple: [{ atom: 'a b' }, 1] }]],
    [
      '%{2 => [b: 1], "a" => 1}',
      {
        struct: null,
        entries: [
          [2, [{ tuple: [{ atom: 'b' }, 1] }]],
          ['a', 1],
        ],
      },
    ],
    ['<<226, 128, 174, 0>>', '\u202e\0'],
    ['<<1::size(3)>>', { opaque: '<<1::size(3)>>' }],
    ["'abc'", 'abc'],
    ['~c"abc"', 'abc'],
    ['"\\e[0m\\#{x} \\x{1F600} \\u00e9"', '\u001b[0m#{x} 😀 é'],
    ['"aaa" <> ...', { opaque: '...' }],
    ['[1, 2, ...]', [1, 2, { opaque: '...' }]],
    ['123456789012345678901234567890', 123456789012345678901234567890n],
    ['1.0e-10', 1e-10],
    ['-7', -7],
    ['1..3', { opaque: '1..3' }],
    ['~D[2020-01-01]', { opaque: '~D[2020-01-01]' }],
    ['#PID<0.96.0>', { opaque: '0.96.0' }],
    ['#Function<42.3316493/1 in :erl_eval.expr/6>', { opaque: '42.3316493/1 in :erl_eval.expr/6' }],
    ['MapSet.new([1])', { opaque: 'MapSet.new' }],
    ['Foo.Bar', { atom: 'Foo.Bar' }],
    [':+', { atom: '+' }],
    ['%URI{\n  scheme: nil\n}', { struct: 'URI', entries: [[{ atom: 'scheme' }, null]] }],
  ])('%j is read', (text, term) => {
    expect(parseInspect(text)).toEqual(term);
  });

  it.each([
    '',
    '[1',
    '{1, 2',
    '"a',
    '%{a: }',
    '%{a 1}',
    'sh: 1: not found',
    '1 2',
    '[1 2]',
    ':',
    '[[['.repeat(100),
  ])('%j is no term', (text) => expect(parseInspect(text)).toBeUndefined());

  it('gives back every term that was printed', () => {
    fc.assert(
      fc.property(terms, fc.constantFrom(' ', '\n  '), (term, gap) => {
        expect(parseInspect(inspect(term, gap))).toEqual(term);
      }),
    );
  });

  it('bears any answer, and any part of a right one', () => {
    fc.assert(
      fc.property(terms, fc.nat(), fc.string(), (term, cut, noise) => {
        const text = inspect(term, ' ');
        expect(() => parseInspect(text.slice(0, cut % (text.length + 1)) + noise)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('%{}[]<>#:"\\ a1.,=>~(')) }), (text) => {
        expect(() => parseInspect(text)).not.toThrow();
      }),
    );
  });

  it('is searched by key in maps and keyword lists', () => {
    expect(field(parseInspect('%{active: "a"}'), 'active')).toBe('a');
    expect(field(parseInspect('[{:ok, "x"}]'), 'ok')).toBe('x');
    expect(field(parseInspect('%{"a" => 1}'), 'b')).toBeUndefined();
    expect(field(parseInspect('"text"'), 'a')).toBeUndefined();
    expect(atomName(parseInspect(':validated'))).toBe('validated');
    expect(atomName(parseInspect('"validated"'))).toBeNull();
  });
});
