/** One value changes, every other byte stays. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines } from '../../src/shared/line-diff.ts';
import { editYaml, readYaml, valueAt, type Path, type YamlEdit } from '../../src/shared/yaml-edit.ts';

const TEXT = `# the pump house
version: 1
name:   'pump 1'   # painted on the lid

buses:
- id: i2c0      # the header
  kind: i2c
  device: /dev/i2c-1
sensors:
  # in the shade
  - id: air
    driver: bme280
    # 0x77 is the other one
    address: 0x76
    options: {oversampling: 4, filter: 'on'}

  - name: Well
    id: well
    driver: ads1115
rules: []
journal:
  maxBytes: 268435456
`;

function changed(edit: YamlEdit, text = TEXT): string[] {
  return diffLines(text, editYaml(text, edit)).flatMap(({ kind, text: line }) =>
    kind === 'same' ? [] : [`${kind === 'new' ? '+' : '-'}${line}`],
  );
}

describe('an edit of a YAML document', () => {
  it('changes a value and keeps what stands around it', () => {
    expect(changed({ kind: 'set', path: ['name'], value: 'pump 2' })).toEqual([
      "-name:   'pump 1'   # painted on the lid",
      '+name:   pump 2   # painted on the lid',
    ]);
    expect(changed({ kind: 'set', path: ['sensors', 0, 'options', 'filter'], value: 'a, b' })).toEqual([
      "-    options: {oversampling: 4, filter: 'on'}",
      '+    options: {oversampling: 4, filter: "a, b"}',
    ]);
  });

  it('adds a key, to block and to brackets, and makes what is missing on the way', () => {
    expect(changed({ kind: 'set', path: ['sensors', 0, 'periodMs'], value: 500 })).toEqual([
      '+    periodMs: 500',
    ]);
    expect(changed({ kind: 'set', path: ['sensors', 0, 'options', 'gain'], value: 2 })).toEqual([
      "-    options: {oversampling: 4, filter: 'on'}",
      "+    options: {oversampling: 4, filter: 'on', gain: 2}",
    ]);
    expect(changed({ kind: 'set', path: ['announce', 'sshPort'], value: 2222 })).toEqual([
      '+announce:',
      '+  sshPort: 2222',
    ]);
  });

  it('fills an empty list with lines of its own', () => {
    const value = { id: 'vent', when: { sensor: 'air', channel: 'temperature', above: 28 } };
    expect(changed({ kind: 'insert', path: ['rules', 0], value })).toEqual([
      '-rules: []',
      '+rules:',
      '+  - id: vent',
      '+    when:',
      '+      sensor: air',
      '+      channel: temperature',
      '+      above: 28',
    ]);
  });

  it('takes a key away, also the one beside the dash', () => {
    expect(changed({ kind: 'delete', path: ['sensors', 0, 'address'] })).toEqual(['-    address: 0x76']);
    expect(changed({ kind: 'delete', path: ['sensors', 1, 'name'] })).toEqual([
      '-  - name: Well',
      '-    id: well',
      '+  - id: well',
    ]);
    expect(changed({ kind: 'delete', path: ['journal', 'maxBytes'] })).toEqual([
      '-journal:',
      '-  maxBytes: 268435456',
      '+journal: {}',
    ]);
  });

  it('adds, removes and moves items of a list with their comments', () => {
    expect(changed({ kind: 'insert', path: ['buses', 1], value: { id: 'w1', kind: 'w1' } })).toEqual([
      '+- id: w1',
      '+  kind: w1',
    ]);
    expect(changed({ kind: 'delete', path: ['sensors', 1] })).toEqual([
      '-  - name: Well',
      '-    id: well',
      '-    driver: ads1115',
    ]);
    const moved = editYaml(TEXT, { kind: 'move', path: ['sensors'], from: 1, to: 0 });
    expect(valueAt(readYaml(moved).value, ['sensors', 0, 'id'])).toBe('well');
    expect(moved).toContain('    # 0x77 is the other one\n    address: 0x76\n');
    expect(editYaml(moved, { kind: 'move', path: ['sensors'], from: 0, to: 1 })).toBe(TEXT);
  });

  it('keeps comments where it cannot tell the place, and leaves alone what cannot be read', () => {
    const aliased = 'base: &b {a: 1} # shared\nother: *b\n';
    const text = editYaml(aliased, { kind: 'set', path: ['base', 'a'], value: 2 });
    expect(readYaml(text).value).toEqual({ base: { a: 2 }, other: { a: 2 } });
    expect(text).toContain('# shared');
    expect(editYaml('a: [', { kind: 'set', path: ['a'], value: 1 })).toBe('a: [');
  });

  const scalar = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 12 }),
    fc.constantFrom('06:00', '- a', 'a: b', '# no', 'yes', '~', '1e3', ' x ', 'two\nlines'),
  );
  const key = fc.constantFrom('id', 'name', 'a', 'b', 'when');
  const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, scalar, tie('tree'), fc.array(tie('node'), { maxLength: 3 })),
    tree: fc.dictionary(key, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  }));
  function pathsOf(value: unknown, path: Path = []): Path[] {
    if (value === null || typeof value !== 'object') return [path];
    return [
      path,
      ...Object.entries(value).flatMap(([name, inner]) =>
        pathsOf(inner, [...path, Array.isArray(value) ? Number(name) : name]),
      ),
    ];
  }

  it('property: sets and deletes any value of any document, and keeps every other value', () => {
    fc.assert(
      fc.property(tree, scalar, fc.nat(), fc.boolean(), (value, put, pick, flow) => {
        const start = editYaml(flow ? '{}\n' : '# head\nkept: 1 # note\n', {
          kind: 'set',
          path: ['x'],
          value,
        });
        expect(valueAt(readYaml(start).value, ['x'])).toEqual(value);
        const paths = pathsOf(readYaml(start).value).slice(1);
        const path = paths[pick % paths.length] ?? ['x'];
        const after = editYaml(start, { kind: 'set', path, value: put });
        expect(valueAt(readYaml(after).value, path)).toEqual(put);
        const gone = editYaml(start, { kind: 'delete', path });
        const model = structuredClone(readYaml(start).value);
        const parent = valueAt(model, path.slice(0, -1)) as Record<string, unknown>;
        if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
        else delete parent[String(path.at(-1))];
        expect(readYaml(gone).value).toEqual(model);
        for (const text of [after, gone]) expect(flow || text.startsWith('# head\n')).toBe(true);
      }),
    );
  });

  it('property: a block document keeps all lines but those of the value, comments included', () => {
    const rows = fc.array(
      fc.record({
        id: fc.stringMatching(/^[a-z]{1,6}$/),
        n: fc.integer(),
        note: fc.stringMatching(/^[a-z ]{0,8}$/),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(rows, fc.nat(), fc.integer(), (list, pick, put) => {
        const text = `list:\n${list.map(({ id, n, note }, i) => `  # above ${i} ${note}\n  - id: '${id}'\n    n:  ${n}  # behind ${i}\n`).join('')}tail: yes\n`;
        const at = pick % list.length;
        const lines = text.split('\n');
        lines[3 + at * 3] = `    n:  ${put}  # behind ${at}`;
        expect(editYaml(text, { kind: 'set', path: ['list', at, 'n'], value: put })).toBe(lines.join('\n'));
        lines.splice(3 + at * 3, 1);
        expect(editYaml(text, { kind: 'delete', path: ['list', at, 'n'] })).toBe(lines.join('\n'));
      }),
    );
  });

  it('property: what is put into a list and taken out again, or moved there and back, leaves no trace', () => {
    const item = fc.record({
      id: fc.stringMatching(/^[a-z]{1,6}$/),
      n: fc.array(fc.integer(), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.nat(), item, (length, a, b, value) => {
        const rows = Array.from({ length }, (_, i) => `  # ${i}\n  - id: r${i} # of ${i}\n    n: [${i}]\n`);
        const text = `list:\n${rows.join('')}tail: yes\n`;
        const path = ['list', a % (length + 1)];
        const more = editYaml(text, { kind: 'insert', path, value });
        expect(valueAt(readYaml(more).value, path)).toEqual(value);
        expect(editYaml(more, { kind: 'delete', path })).toBe(text);
        const [from, to] = [a % length, b % length];
        const moved = editYaml(text, { kind: 'move', path: ['list'], from, to });
        expect(valueAt(readYaml(moved).value, ['list', to, 'id'])).toBe(`r${from}`);
        expect(editYaml(moved, { kind: 'move', path: ['list'], from: to, to: from })).toBe(text);
      }),
    );
  });
});
