/** What crosses the border comes out as it went in, and rubbish does not get past it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../../../src/shared/batch.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import type { ChannelInfo } from '../../../src/shared/reading.ts';
import { ColumnReceiver, ColumnSender } from '../../../device/host/columns.ts';
import { beatMessage, fromHost, readingsMessage } from '../../../device/host/messages.ts';

const info = (sensor: string): Omit<ChannelInfo, 'index'> => ({
  sensor,
  sensorName: sensor,
  driver: 'd',
  channel: 'c',
  quantity: 'temperature',
  unit: 'Cel',
  decimals: 1,
  periodMs: 100,
});

describe('messages of a host', () => {
  it('carry a beat unchanged', () => {
    const number = fc.double({ noNaN: true });
    const beats = fc.record({
      memoryBytes: number,
      cpuMs: number,
      topSensor: number,
      topBytes: number,
      grownBytes: number,
    });
    fc.assert(
      fc.property(beats, (beat) => {
        expect(fromHost(beatMessage(beat))).toEqual({ kind: 'beat', beat });
      }),
    );
  });

  it('are refused when they are rubbish', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(codeOf(() => take(bytes))).toMatch(/^(?:BAD_FRAME|fine)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

function take(bytes: Uint8Array): void {
  const said = fromHost(bytes);
  if (said.kind === 'readings') receiver([]).readings(said.batch);
}

/** Code of what `deed` throws; an error of another kind as it is. */
function codeOf(deed: () => void): string {
  try {
    deed();
    return 'fine';
  } catch (error) {
    return error instanceof MusterError ? error.code : String(error);
  }
}

type Row = [sensor: string, at: number, value: number, quality: number];

/** A receiver whose run has numbers of its own. */
function receiver(rows: Row[]): ColumnReceiver {
  const names: string[] = ['another', 'host'];
  return new ColumnReceiver({
    register: (channels) => channels.map(({ sensor }) => names.push(sensor) - 1),
    record: (channel, at, value, quality) => rows.push([names[channel] ?? '?', at, value, quality]),
    report() {},
  });
}

describe('readings on their way', () => {
  it('arrive all, in order, under the right name, to the microsecond', () => {
    const reading = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.double(),
      fc.integer({ min: 0, max: 3 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 200 }), (readings) => {
        const got: Row[] = [];
        const sent: Row[] = [];
        const to = receiver(got);
        const from = new ColumnSender((message) => {
          const said = fromHost(message);
          if (said.kind === 'readings') to.readings(said.batch);
          else if (said.kind === 'word' && said.word.word === 'channels') to.channels(said.word.channels);
        });
        let at = 1e9;
        for (const [n, later, value, quality, flush] of readings) {
          at += later / 1000;
          const [number = -1] = from.outlet.register([info(`s${n}`)]) as number[];
          from.outlet.record(number, at, value, quality);
          sent.push([`s${n}`, at, value, quality]);
          if (flush) from.send();
        }
        from.send();
        expect(got.map(([name, , value, quality]) => [name, value, quality])).toEqual(
          sent.map(([name, , value, quality]) => [name, value, quality]),
        );
        for (const [i, row] of got.entries())
          expect(Math.abs(row[1] - (sent[i]?.[1] ?? 0))).toBeLessThan(0.001);
      }),
    );
  });

  it('of a channel never named are refused whole', () => {
    const rows: Row[] = [];
    const to = receiver(rows);
    to.channels([{ index: 0, ...info('a') }]);
    const batch = encodeBatch({
      baseMs: 0,
      value: Float64Array.of(1, 2),
      deltaUs: new Uint32Array(2),
      channel: Uint32Array.of(0, 1),
      quality: new Uint8Array(2),
    });
    const said = fromHost(readingsMessage(batch));
    expect(() => said.kind === 'readings' && to.readings(said.batch)).toThrow(/never named/);
    expect(rows).toEqual([]);
    expect(() => to.channels([{ index: 2, ...info('b') }])).toThrow(/left out a channel/);
  });
});
