/** Lines from bytes, numbers from lines, and a device that prints what nobody configured. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SerialBus } from '../../../device/bus/serial/serial-bus.ts';
import {
  LineCutter,
  LONGEST_LINE,
  readLine,
  type LineForm,
} from '../../../device/drivers/serial-lines/decode.ts';
import { lineOptions } from '../../../device/drivers/serial-lines/options.ts';
import { serialLines } from '../../../device/drivers/serial-lines/serial-lines.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityName } from '../../../src/shared/reading.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('lines', () => {
  it('are the same however the bytes come, the first left out, none too long', () => {
    const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 20 });
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.integer({ min: 1, max: 30 })), (parts, cuts) => {
        const bytes = Buffer.from(`${parts.join('\n')}\n`);
        const whole = new LineCutter().take(bytes);
        const cutter = new LineCutter();
        const lines: string[] = [];
        for (let from = 0; from < bytes.length;) {
          const n = cuts.next().value as number;
          lines.push(...cutter.take(bytes.subarray(from, from + n)).lines);
          from += n;
        }
        expect(lines).toEqual(whole.lines);
        const expected = Buffer.from(parts.join('\n'))
          .toString()
          .split(/[\r\n]/)
          .slice(1);
        expect(whole.lines).toEqual(expected.filter((line) => line !== ''));
      }),
    );
  });

  it('without an end are passed over, and what follows is read', () => {
    const cutter = new LineCutter();
    expect(cutter.take(Buffer.from('half a line\n')).lines).toEqual([]);
    let overlong = 0;
    for (let i = 0; i < 50; i++) overlong += cutter.take(Buffer.alloc(LONGEST_LINE / 4, 'x')).overlong;
    expect(overlong).toBe(1);
    expect(cutter.take(Buffer.from('xx\n1,2\r\n3'))).toEqual({ lines: ['1,2'], overlong: 0 });
  });
});

describe('numbers of a line', () => {
  const separated: LineForm = { format: 'separated', separator: ',' };
  it.each<[string, LineForm, (string | number)[], number[] | null]>([
    ['21.5, -3e2,.5', separated, [1, 2, 3], [21.5, -300, 0.5]],
    ['21.5,,x', separated, [1, 2, 3, 9], [21.5, Number.NaN, Number.NaN, Number.NaN]],
    ['0x10,1 2,1e999,--1', separated, [1, 2, 3, 4], null],
    [
      'T=21.5C H=40%',
      { format: 'pattern', pattern: /T=(?<t>[\d.]+)C H=(?<h>\d+)%/u },
      ['h', 't'],
      [40, 21.5],
    ],
    ['nothing of the kind', { format: 'pattern', pattern: /T=(?<t>\d+)/u }, ['t'], null],
    [
      '{"air":{"t":21.5,"on":true},"h":"40"}',
      { format: 'json' },
      ['air.t', 'h', 'air.on', 'air.x'],
      [21.5, 40, 1, Number.NaN],
    ],
    ['{"air":{"t":21.5}', { format: 'json' }, ['air.t'], null],
    ['{"t":null}', { format: 'json' }, ['t', '__proto__.x', 'constructor.length'], null],
  ])('%s', (line, form, fields, expected) => {
    expect(readLine(line, form, fields)).toEqual(expected);
  });

  it('are finite or none, whatever comes', () => {
    const forms: LineForm[] = [
      separated,
      { format: 'json' },
      { format: 'pattern', pattern: /(?<a>.*?),(?<b>.*)/u },
    ];
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })),
        fc.constantFrom(...forms),
        (line, form) => {
          const numbers = readLine(line, form, form.format === 'separated' ? [1, 2] : ['a', 'b']);
          for (const number of numbers ?? [])
            expect(Number.isNaN(number) || Number.isFinite(number)).toBe(true);
        },
      ),
    );
  });
});

describe('options', () => {
  const channel = { channel: 't', quantity: 'temperature' };
  it.each([
    [
      'a pattern that is none',
      { format: 'pattern', pattern: '(', channels: [channel] },
      /options\.pattern: Invalid regular/,
    ],
    [
      'a pattern without its group',
      { format: 'pattern', pattern: 'T=(?<x>.)', channels: [channel] },
      /no group \(\?<t>/,
    ],
    [
      'a pattern that is not used',
      { pattern: 'x', channels: [channel] },
      /options\.pattern: belongs to the format pattern/,
    ],
    [
      'a column by name',
      { channels: [{ ...channel, field: 't' }] },
      /options\.channels\.0\.field: must be a column/,
    ],
    [
      'no channel of a quantity',
      { channels: [{ channel: 't', quantity: 'heat' }] },
      /options\.channels\.0\.quantity/,
    ],
  ])('with %s are refused', (_, options, words) => {
    expect(() => lineOptions(options)).toThrow(words);
  });
});

describe('a device that prints', () => {
  async function device(options: Record<string, unknown> = {}) {
    const clock = new FakeClock();
    let print: Parameters<SerialBus['listen']>[0] = () => {};
    let unplug: Parameters<SerialBus['listen']>[1] = () => {};
    const bus: SerialBus = {
      kind: 'serial',
      id: 'tty',
      async listen(onBytes, onGone) {
        print = onBytes;
        unplug = onGone;
        return { close() {} };
      },
    };
    const channels = ['t', 'h'].map((name) => ({ channel: name, quantity: 'signal' }));
    const sensor = await serialLines.open({
      bus,
      address: 0,
      options: { channels, ...options },
      machine: undefined as never,
      clock,
    });
    const values = new Float64Array(2);
    const quality = new Uint8Array(2);
    return {
      clock,
      print: (text: string) => print(Buffer.from(text)),
      unplug: () => unplug(new MusterError('BUS_MISSING', 'it is gone')),
      read: async () => {
        await sensor.read(values, quality.fill(0));
        return [...values].map((value, i) => `${value} ${qualityName(quality[i] as number)}`);
      },
    };
  }

  it('is read when its next line comes, and what that does not name is stale', async () => {
    const { print, read } = await device();
    print('9,9\n1,2\n3');
    expect(await read()).toEqual(['1 ok', '2 ok']);
    const next = read();
    print(',x\n');
    expect(await next).toEqual(['3 ok', '2 stale']);
  });

  it('may say a few words of its own, but no more than that', async () => {
    const { print, read } = await device();
    print('\n');
    const first = read();
    print('# starting up\nversion 3\n1,2\n');
    expect(await first).toEqual(['1 ok', '2 ok']);
    const second = read();
    print('\x01\xfe~garbage\n'.repeat(10));
    await expect(second).rejects.toMatchObject({
      code: 'DRIVER_UNREADABLE',
      message: expect.stringMatching(/what comes on tty is not as configured: "\.+~garbage"$/),
    });
  });

  it('that is silent, or unplugged, is missed in words', async () => {
    const { clock, read, unplug } = await device({ silentMs: 5000 });
    const silent = read();
    silent.catch(() => {});
    await clock.advance(5000);
    await expect(silent).rejects.toMatchObject({
      code: 'BUS_NACK',
      message: 'no line has come on tty for 5 s',
    });
    const pulled = read();
    unplug();
    await expect(pulled).rejects.toMatchObject({ code: 'BUS_MISSING' });
    await expect(read()).rejects.toMatchObject({ code: 'BUS_MISSING' });
  });
});
