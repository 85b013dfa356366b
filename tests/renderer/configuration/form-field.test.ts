/** Forms from the schema that a daemon gives, and what they begin with. */
import { describe, expect, it } from 'vitest';
import { configurationSchema, parseConfig } from '../../../device/config.ts';
import { documentField, type Field, type Shape } from '../../../renderer/screens/configuration/form-field.ts';
import { newValue, withOwnId, type Known } from '../../../renderer/screens/configuration/new-value.ts';
import { sectionOf, sectionsOf } from '../../../renderer/screens/configuration/sections.ts';

const root = documentField(configurationSchema());
const known: Known = {
  person: 'kim@laptop',
  day: '2026-05-03',
  candidates: (refers) => (refers === 'buses' ? ['i2c0'] : ['bme280']),
};

function at(field: Field, ...path: string[]): Field {
  return path.reduce((part, key) => {
    const { shape } = part;
    if (shape.kind === 'list') return shape.item;
    if (shape.kind === 'group') return shape.members.find((member) => member.key === key)?.field ?? part;
    throw new Error(`${key}: nothing in a ${shape.kind}`);
  }, field);
}

function all(field: Field): Shape['kind'][] {
  const { shape } = field;
  const inner =
    shape.kind === 'group'
      ? shape.members.map((member) => member.field)
      : shape.kind === 'list'
        ? [shape.item]
        : shape.kind === 'union'
          ? shape.variants.flatMap((variant) => variant.members.map((member) => member.field))
          : [];
  return [shape.kind, ...inner.flatMap(all)];
}

describe('a form from the schema of this daemon', () => {
  it('knows a form for everything', () => {
    expect(all(root)).not.toContain('any');
  });

  it('asks in plain words, with units, defaults and what is meant', () => {
    expect(at(root, 'journal', 'idleFlushMs')).toMatchObject({
      title: 'Written every, alone',
      preset: 5000,
      shape: { kind: 'number', unit: 'ms', least: 20, most: 60_000 },
    });
    expect(at(root, 'sensors', '0', 'bus').refers).toBe('buses');
    expect(at(root, 'sensors', '0', 'options').shape.kind).toBe('map');
    expect(at(root, 'rules', '0', 'during', 'days').shape).toMatchObject({ kind: 'choices' });
    expect(at(root, 'announce', 'by').shape).toEqual({ kind: 'choice', options: ['avahi', 'self', 'none'] });
    expect(at(root, 'sensors', '0', 'calibration', '0', 'points').shape.kind).toBe('row');
  });

  it('tells buses apart by their kind', () => {
    const { shape } = at(root, 'buses', '0');
    const variants = shape.kind === 'union' ? shape.variants : [];
    const i2c = variants.find(({ value }) => value === 'i2c');
    expect(i2c?.members.map(({ key }) => key)).toEqual(expect.arrayContaining(['id', 'device']));
    expect(i2c?.members.map(({ key }) => key)).not.toContain('kind');
  });

  it('begins with what the daemon accepts', () => {
    const bus = withOwnId(newValue(at(root, 'buses', '0'), known), [], 'bus');
    const sensor = withOwnId(newValue(at(root, 'sensors', '0'), known), [], 'sensor');
    expect(parseConfig(JSON.stringify({ version: 1, buses: [bus], sensors: [sensor] }))).toMatchObject({
      buses: [{ id: 'bus-1', kind: 'i2c', device: '/dev/i2c-1' }],
      sensors: [{ id: 'sensor-1', driver: 'bme280' }],
    });
    expect(newValue(at(root, 'sensors', '0', 'calibration', '0'), known)).toMatchObject({
      by: 'kim@laptop',
      at: '2026-05-03',
    });
  });

  it('gives a name that is not taken', () => {
    const taken = [{ id: 'vent' }, { id: 'vent-2' }];
    expect(withOwnId({ id: 'vent' }, taken, 'rule')).toEqual({ id: 'vent-3' });
    expect(withOwnId({ id: '' }, taken, 'rule')).toEqual({ id: 'rule-1' });
    expect(withOwnId('x', taken, 'rule')).toBe('x');
  });

  it('has every setting in one section, and no section without one', () => {
    const sections = sectionsOf(root);
    const keys = sections.flatMap(({ members }) => members.map(({ key }) => key));
    const given = root.shape.kind === 'group' ? root.shape.members.map(({ key }) => key) : [];
    expect(keys.toSorted()).toEqual(given.filter((key) => key !== 'version').toSorted());
    expect(sectionOf(sections, 'interlocks.0')?.title).toBe('Outputs');
    expect(sectionOf(sections, '')).toBe(null);
  });
});

describe('a form from the schema of a newer daemon', () => {
  it('shows fields that this laptop has never heard of', () => {
    const schema = {
      type: 'object',
      properties: {
        version: { const: 2 },
        lamps: { type: 'array', items: { $ref: '#/$defs/lamp' } },
        odd: { not: {} },
      },
      $defs: {
        lamp: { type: 'object', properties: { dimHz: { type: 'number' }, isRed: { type: 'boolean' } } },
      },
    };
    const field = documentField(JSON.stringify(schema));
    expect(at(field, 'lamps', '0', 'dimHz')).toMatchObject({ title: 'Dim', shape: { unit: 'Hz' } });
    expect(at(field, 'lamps', '0', 'isRed')).toMatchObject({ title: 'Is red', shape: { kind: 'flag' } });
    expect(at(field, 'odd').shape.kind).toBe('any');
    expect(sectionsOf(field).map(({ title }) => title)).toEqual(['Device']);
  });
});
