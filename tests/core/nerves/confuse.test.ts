import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfuse } from '../../../src/core/nerves/confuse.ts';

describe('libconfuse text', () => {
  it('reads values, lists, comments, sections with and without a title, and calls', () => {
    const root = parseConfuse(`# a comment
meta-product="Weather \\"roof\\"" // another
length = {1, 2,3,}
/* a long
   one */
file-resource "rootfs.img" { length=12 }
task plain.word { on-init { funlist = {} } require-partition-offset(1, 77324) }
length += {4}`);
    expect(root?.values.get('meta-product')).toEqual(['Weather "roof"']);
    expect(root?.values.get('length')).toEqual(['1', '2', '3', '4']);
    const [resource, task] = root?.sections ?? [];
    expect(resource).toMatchObject({ name: 'file-resource', title: 'rootfs.img' });
    expect(resource?.body.values.get('length')).toEqual(['12']);
    expect(task?.title).toBe('plain.word');
    expect(task?.body.sections[0]).toMatchObject({ name: 'on-init', title: null });
  });

  it.each(['a = ', 'a { ', '}', 'a = {1', 'a = "b', '= 1', 'a(1', 'a {'.repeat(20) + '}'.repeat(20)])(
    'refuses %j',
    (text) => expect(parseConfuse(text)).toBeNull(),
  );

  it('gives back any text that was written between quotes', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const quoted = value.replace(/["\\]/g, '\\$&');
        expect(parseConfuse(`a="${quoted}"`)?.values.get('a')).toEqual([value]);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('a1={}(),"\'#/*\\\n +')) }), (text) => {
        expect(() => parseConfuse(text)).not.toThrow();
      }),
    );
  });
});
