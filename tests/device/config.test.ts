/** Configuration documents, friendly and hostile. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurationSchema, parseConfig } from '../../device/config.ts';
import { MusterError } from '../../src/shared/errors.ts';

function problem(text: string): string {
  const error = refusal(text);
  if (!error) throw new Error('it was taken');
  return error.message;
}

/** Why a text is refused, null when it is taken. Any other throw is a bug. */
function refusal(text: string): MusterError | null {
  try {
    parseConfig(text);
    return null;
  } catch (error) {
    if (error instanceof MusterError && error.code === 'CONFIG_INVALID') return error;
    throw error;
  }
}

describe('the configuration', () => {
  it('has defaults for all', () => {
    const defaults = {
      version: 1,
      announce: { by: 'none', sshPort: 22 },
      journal: { maxBytes: 268_435_456, flushMs: 250, idleFlushMs: 5000 },
      hosts: {
        mode: 'process',
        memoryMb: 160,
        heartbeatMs: 100,
        allowanceMs: 400,
        intensity: 2,
        retryMs: 60_000,
      },
      firmware: { trialMs: 360_000, graceMs: 300_000, steadyMs: 20_000, settleMs: 60_000, starts: 2 },
      buses: [],
      outputs: [],
      interlocks: [],
      rules: [],
      publishers: [],
    };
    expect(parseConfig('')).toEqual(defaults);
    expect(parseConfig('# nothing but a comment\n')).toEqual(defaults);
    expect(parseConfig('version: 1')).toEqual(defaults);
  });

  it('takes a whole document', () => {
    const config = parseConfig(`
version: 1
name: Grünhaus 2
announce: { by: self, sshPort: 2222, name: "Weather 1.5" }
buses: [{ id: i2c-1, kind: sim, chips: [{ chip: tmp102, address: 0x48, stuck: true }] }]
sensors: [{ id: air, driver: tmp102, bus: i2c-1, address: 0x48, periodMs: 200, options: { any: [1] } }]
`);
    expect(config.buses[0]).toMatchObject({
      kind: 'sim',
      chips: [{ chip: 'tmp102', address: 72, stuck: true }],
    });
    expect(config.sensors?.[0]).toMatchObject({ id: 'air', address: 72, periodMs: 200 });
  });

  it.each([
    ['another version', 'version: 2', /version \(line 1\): .*expected 1/],
    [
      'a period of nothing',
      'version: 1\nsensors:\n  - { id: a, driver: load, periodMs: 0 }',
      /sensors\.0\.periodMs \(line 3\): must be at least 10/,
    ],
    [
      'an endless period',
      'version: 1\nsensors: [{ id: a, driver: load, periodMs: .inf }]',
      /sensors\.0\.periodMs/,
    ],
    [
      'a reserved address',
      'version: 1\nsensors: [{ id: a, driver: x, address: 0x78 }]',
      /sensors\.0\.address.*must be at most 119/,
    ],
    [
      'an address of text',
      'version: 1\nsensors: [{ id: a, driver: x, address: "0x48" }]',
      /sensors\.0\.address.*must be a number/,
    ],
    ['a misspelt key', 'version: 1\nsensor: []', /"sensor" is not known here/],
    [
      'an id with a slash',
      'version: 1\nsensors: [{ id: a/b, driver: load }]',
      /sensors\.0\.id.*letters, digits/,
    ],
    [
      'one id twice',
      'version: 1\nsensors: [{ id: a, driver: load }, { id: a, driver: load }]',
      /sensors\.1\.id.*"a" is used twice/,
    ],
    ['a name that rings the bell', 'version: 1\nname: "a\\u0007b"', /name.*control characters/],
    ['a name without end', `version: 1\nname: ${'x'.repeat(81)}`, /name.*must be at most 80 characters long/],
    ['a journal too small to be one', 'version: 1\njournal: { maxBytes: 1 }', /journal\.maxBytes/],
    ['a port that is none', 'version: 1\nannounce: { sshPort: 70000 }', /announce\.sshPort/],
    [
      'a bus of a kind that is none',
      'version: 1\nbuses:\n  - { id: b, kind: i3c }',
      /buses\.0\.kind \(line 3\): must be one of i2c, spi, /,
    ],
    ['a bus without a kind', 'version: 1\nbuses: [{ id: b }]', /buses\.0\.kind.*needs a kind, one of i2c, /],
    ['no bus at all', 'version: 1\nbuses: [i2c-1]', /buses\.0 /],
    [
      "a bus without its kernel's file",
      'version: 1\nbuses: [{ id: b, kind: i2c }]',
      /buses\.0\.device.*must be like \/dev\/i2c-1 for a bus of kind i2c/,
    ],
    [
      'a file of another kind',
      'version: 1\nbuses: [{ id: b, kind: spi, device: /dev/i2c-1 }]',
      /buses\.0\.device.*like \/dev\/spidev0\.0/,
    ],
    [
      'simulated chips on a bus that has real ones',
      'version: 1\nbuses: [{ id: b, kind: i2c, device: /dev/i2c-1, chips: [] }]',
      /buses\.0.*"chips" is not known here/,
    ],
    ['a list', '- 1\n- 2', /the document/],
    ['text', 'hello', /the document/],
    ['broken YAML', 'version: 1\nsensors: [', /line \d+, column \d+/],
    ['two documents', 'version: 1\n---\nversion: 1', /line \d+/],
    ['many faults at once', `version: 1\nsensors: [${'{ id: "", driver: "" },'.repeat(30)}]`, /and \d+ more/],
  ])('refuses %s and says where', (_, text, words) => {
    expect(problem(text)).toMatch(words);
  });

  it('has a JSON schema that tells buses by their kind', () => {
    const { properties } = JSON.parse(configurationSchema()) as {
      properties: { buses: { items: { oneOf: { properties: Record<string, { const?: string }> }[] } } };
    };
    const forms = properties.buses.items.oneOf;
    const of = (kind: string) =>
      Object.keys(forms.find((form) => form.properties['kind']?.const === kind)?.properties ?? {});
    expect(of('i2c')).toEqual(['id', 'host', 'kind', 'device']);
    expect(of('sim')).toEqual(['id', 'host', 'kind', 'chips']);
  });

  it('is not brought down by aliases that multiply', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'])
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`);
    expect(problem(bomb.join('\n'))).toMatch(/aliases/);
  });

  it('refuses 20 MB unread', () => {
    expect(problem(`version: 1\n#${'x'.repeat(20_000_000)}`)).toMatch(/over \d+ characters/);
  });

  it('does not let a document reach into the prototype', () => {
    problem('version: 1\n__proto__: { polluted: true }');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('answers any text with a configuration or with CONFIG_INVALID', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (text) => {
        expect(refusal(text)?.message.length ?? 0).toBeLessThan(2000);
      }),
    );
  });
});
