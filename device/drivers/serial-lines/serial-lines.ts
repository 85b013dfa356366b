/**
 * A device that prints lines on a serial port by itself. A reading is what the lines since the last one said; where none
 * has come yet it waits for the next. A pattern that never ends runs as this sensor's work: the watch over the host names it.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityByte } from '../../../src/shared/reading.ts';
import { needBus, type Driver } from '../driver.ts';
import { LineCutter, readLine } from './decode.ts';
import { lineOptions } from './options.ts';

/** Lines without a meaning in a row, a comment or a greeting, after which it is not the device that was configured. */
const MOST_UNREADABLE = 10;
const STALE = qualityByte('stale');

/** What the lines said since the last reading. */
interface Heard {
  /** The newest number of each field, of whenever. */
  newest: number[];
  /** Which of them came since the last reading. */
  fresh: boolean[];
  /** The last lines that meant nothing, since one that did; null for one without an end. */
  unreadable: (string | null)[];
}

export const serialLines: Driver = {
  id: 'serial-lines',
  title: 'Device that prints lines',
  bus: 'serial',
  addresses: [],
  periodMs: 1000,
  // how long it may be silent is its own affair (options.silentMs)
  patienceMs: 100_000_000,
  channels: ({ options }) => lineOptions(options).values.map(({ declared }) => declared),

  async open(context) {
    const bus = needBus(context, 'serial');
    const { clock } = context;
    const { form, values: wanted, silentMs } = lineOptions(context.options);
    if (wanted.length === 0)
      throw new MusterError('CONFIG_INVALID', 'options.channels: names nothing to read', {
        path: 'options.channels',
      });
    const fields = wanted.map(({ field }) => field);
    const cutter = new LineCutter();
    const heard: Heard = {
      newest: fields.map(() => Number.NaN),
      fresh: fields.map(() => false),
      unreadable: [],
    };
    let gone: MusterError | null = null;
    let waiting: { come: () => void; fail: (error: MusterError) => void } | null = null;

    function hear(line: string | null): void {
      const numbers = line === null ? null : readLine(line, form, fields);
      if (numbers === null) {
        heard.unreadable = [...heard.unreadable.slice(1 - MOST_UNREADABLE), line];
        return;
      }
      heard.unreadable = [];
      for (const [i, number] of numbers.entries()) {
        if (Number.isNaN(number)) continue;
        heard.newest[i] = number;
        heard.fresh[i] = true;
      }
    }

    const feed = await bus.listen(
      (bytes) => {
        const { lines, overlong } = cutter.take(bytes);
        for (const line of lines) hear(line);
        for (let i = 0; i < overlong; i++) hear(null);
        if (heard.fresh.includes(true)) waiting?.come();
        else if (heard.unreadable.length >= MOST_UNREADABLE) waiting?.fail(unreadable(bus.id, heard));
      },
      (error) => {
        gone = error;
        waiting?.fail(error);
      },
    );

    /** Settles with the next line that means something; rejects when the device is silent for too long. */
    function nextLine(): Promise<void> {
      return new Promise((resolve, reject) => {
        const cancel = clock.after(silentMs, () =>
          waiting?.fail(heard.unreadable.length > 0 ? unreadable(bus.id, heard) : silent(bus.id, silentMs)),
        );
        const end = (): void => {
          cancel();
          waiting = null;
        };
        waiting = {
          come() {
            end();
            resolve();
          },
          fail(error) {
            end();
            reject(error);
          },
        };
      });
    }

    return {
      async read(values, quality) {
        if (gone) throw gone;
        if (!heard.fresh.includes(true)) await nextLine();
        for (const [i, { scale, offset }] of wanted.entries()) {
          values[i] = (heard.newest[i] as number) * scale + offset;
          if (!heard.fresh[i]) quality[i] = STALE;
        }
        heard.fresh.fill(false);
      },
      close() {
        feed.close();
        waiting?.fail(silent(bus.id, 0));
      },
    };
  },
};

function silent(bus: string, ms: number): MusterError {
  return new MusterError('BUS_NACK', `no line has come on ${bus} for ${Math.round(ms / 1000)} s`, { bus });
}

function unreadable(bus: string, { unreadable: lines }: Heard): MusterError {
  const line = lines.at(-1) ?? null;
  const reason =
    line === null
      ? 'a line without an end'
      : // what a wrong speed makes of text is shown as dots
        `"${line.slice(0, 60).replaceAll(/[^ -~]/g, '.')}"`;
  return new MusterError('DRIVER_UNREADABLE', `what comes on ${bus} is not as configured: ${reason}`, {
    bus,
    reason,
  });
}
