/** mDNS records as data. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answersTo, hostLabel, label, nextName, records, SERVICE } from '../../../device/announce/records.ts';

const PI = { instance: 'Weather 1.5 (roof)', host: 'pi.lan', port: 2222, txt: { id: 'u', v: '1', p: '1' } };
const NAME = `Weather 1-5 (roof).${SERVICE}`;

describe('the records', () => {
  it('name a host under .local and cut no name at a dot', () => {
    const all = records(PI, '10.0.0.7');
    expect(all.find(({ type }) => type === 'SRV')).toMatchObject({
      name: NAME,
      data: { target: 'pi-lan.local', port: 2222 },
    });
    expect(all.find(({ type }) => type === 'A')).toMatchObject({ name: 'pi-lan.local', data: '10.0.0.7' });
    expect(all.find(({ type }) => type === 'TXT')).toMatchObject({ data: ['id=u', 'v=1', 'p=1'] });
    expect(all.every(({ ttl }) => ttl >= 120)).toBe(true);
    expect(records(PI, '10.0.0.7', true).every(({ ttl }) => ttl === 0)).toBe(true);
  });

  it('answer what is asked, with what will be asked next', () => {
    const all = records(PI, '10.0.0.7');
    const types = (question: { name: string; type: string }) => {
      const { answers, additionals } = answersTo(question, all);
      return [answers.map(({ type }) => type), additionals.map(({ type }) => type)];
    };
    expect(types({ name: SERVICE.toUpperCase(), type: 'PTR' })).toEqual([['PTR'], ['SRV', 'TXT', 'A']]);
    expect(types({ name: 'pi-lan.local', type: 'A' })).toEqual([['A'], []]);
    expect(types({ name: NAME, type: 'ANY' })[0]).toEqual(['SRV', 'TXT']);
    expect(types({ name: '_http._tcp.local', type: 'PTR' })).toEqual([[], []]);
  });

  it('make a label of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const made of [label(text), hostLabel(text)]) {
          expect(new TextEncoder().encode(made).length).toBeLessThanOrEqual(63);
          // oxlint-disable-next-line no-control-regex -- none must be left
          expect(made).not.toMatch(/[.\u0000-\u001f]/);
          expect(made.length).toBeGreaterThan(0);
        }
        expect(hostLabel(text)).toMatch(/^[A-Za-z0-9-]+$/);
      }),
    );
  });

  it('count up a taken name', () => {
    expect(['pi', 'pi (2)', 'pi (9)', 'pi (x)'].map(nextName)).toEqual([
      'pi (2)',
      'pi (3)',
      'pi (10)',
      'pi (x) (2)',
    ]);
  });
});
