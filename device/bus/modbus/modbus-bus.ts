/**
 * A Modbus line or network as drivers and outputs see it: tables of numbered slaves ("units").
 * Owns: one question at a time in the order asked, the words of each failure, and that a unit which does not answer
 * holds up the others as little as can be. Refuses: to know a slave's registers (the drivers' options), to try a
 * question twice (who asked does), and the wire (rtu-line.ts, tcp-line.ts, the simulated slaves).
 */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import { decodeReply, exceptionWords, type ModbusRequest, type ModbusTable } from './pdu.ts';

/**
 * Every call rejects with BUS_NACK when the unit does not answer in time, BUS_REFUSED when it says no, DRIVER_CHECKSUM
 * when its answer came damaged, BUS_MISSING when the port or the gateway is not there.
 */
export interface ModbusBus {
  readonly kind: 'modbus';
  /** Name in the configuration. */
  readonly id: string;
  /** `count` words from `address` on, or as many bits as 0 and 1. Addresses count from 0. */
  read(unit: number, table: ModbusTable, address: number, count: number): Promise<Uint16Array>;
  writeCoil(unit: number, address: number, on: boolean): Promise<void>;
}

/** The wire: asks once. Rejects with BUS_NACK, DRIVER_CHECKSUM or BUS_MISSING. */
export interface ModbusLine {
  /** The unit's answer without its wrapping, whatever it says. */
  ask(unit: number, request: ModbusRequest): Promise<Uint8Array>;
}

/** Questions that wait; more is asked than the line can carry. */
const MOST_WAITING = 100;
/** Longest time for which a unit that did not answer is left alone, ms. */
const LONGEST_REST_MS = 2000;

/** `timeoutMs`: how long a unit has for its answer; also how long it is left alone when it first gave none. */
export function createModbus(
  id: string,
  line: ModbusLine,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): ModbusBus {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  /** Units that did not answer, and until when they are not asked. */
  const resting = new Map<number, { until: number; ms: number }>();

  async function ask(unit: number, request: ModbusRequest): Promise<Uint16Array> {
    const rest = resting.get(unit);
    const now = clock.monotonic();
    // an answer that comes late after all would be taken for that to the next question: the line has no numbers
    if (rest && now < rest.until)
      throw silent(id, unit, `it is asked again in ${Math.ceil(rest.until - now)} ms`);
    let reply: Uint8Array;
    try {
      reply = await line.ask(unit, request);
    } catch (error) {
      if (error instanceof MusterError && error.code === 'BUS_NACK') {
        const ms = rest ? Math.min(LONGEST_REST_MS, 2 * rest.ms) : timeoutMs;
        resting.set(unit, { until: clock.monotonic() + ms, ms });
      }
      throw error;
    }
    resting.delete(unit);
    const said = decodeReply(request, reply);
    if (said === null)
      throw new MusterError('DRIVER_CHECKSUM', `unit ${unit} on ${id} answers another question`, {
        bus: id,
        unit,
      });
    if ('values' in said) return said.values;
    const what = request.do === 'read' ? `${request.count} of table ${request.table}` : 'coil';
    throw new MusterError(
      'BUS_REFUSED',
      `unit ${unit} on ${id}, ${what} at ${request.address}: ${exceptionWords(said.exception)}`,
      { bus: id, unit, exception: said.exception, reason: exceptionWords(said.exception) },
    );
  }

  function inTurn(unit: number, request: ModbusRequest): Promise<Uint16Array> {
    if (waiting >= MOST_WAITING) {
      const words = `${id}: more is asked than the line can carry; ask less often`;
      return Promise.reject(new MusterError('BUS_STUCK', words, { bus: id }));
    }
    waiting++;
    const turn = last.then(() => ask(unit, request)).finally(() => waiting--);
    last = turn.catch(() => {});
    return turn;
  }

  return {
    kind: 'modbus',
    id,
    read: (unit, table, address, count) => inTurn(unit, { do: 'read', table, address, count }),
    writeCoil: async (unit, address, on) => void (await inTurn(unit, { do: 'write-coil', address, on })),
  };
}

/** The unit does not answer. */
export function silent(bus: string, unit: number, more: string): MusterError {
  return new MusterError('BUS_NACK', `unit ${unit} does not answer on ${bus} (${more})`, {
    bus,
    address: `unit ${unit}`,
  });
}

/** An answer came, and its checksum is wrong. */
export function garbled(bus: string, unit: number): MusterError {
  const words = `the answer of unit ${unit} on ${bus} came damaged (checksum): look at wires, termination and speed`;
  return new MusterError('DRIVER_CHECKSUM', words, { bus, unit });
}
