/**
 * Modbus over TCP: a slave with a network socket, or a gateway to a line of them.
 * Owns: the connection, made when it is first asked and again after it broke, and the numbers by which an answer
 * belongs to its question. Refuses: to wait for ever; a peer that is silent for several questions is connected anew.
 */
import { connect, type Socket } from 'node:net';
import { MusterError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import { silent, type ModbusLine } from './modbus-bus.ts';
import { encodeRequest } from './pdu.ts';
import { takeFrame, tcpFrame } from './tcp-frame.ts';

/** Questions without an answer after which the connection is held for dead. */
const SILENT_QUESTIONS = 3;

export interface TcpSettings {
  host: string;
  port: number;
  timeoutMs: number;
}

interface Connection {
  socket: Socket;
  bytes: Uint8Array;
  /** Takes the answer of a number. */
  waiting: {
    transaction: number;
    unit: number;
    take: (pdu: Uint8Array) => void;
    fail: (error: MusterError) => void;
  } | null;
}

export function createTcpLine(id: string, { host, port, timeoutMs }: TcpSettings, clock: Clock): ModbusLine {
  let connection: Connection | null = null;
  let transaction = 0;
  let unanswered = 0;

  const missing = (why: string, cause?: unknown): MusterError =>
    new MusterError('BUS_MISSING', `${id}: ${host}, port ${port}: ${why}`, { bus: id, host, port }, cause);

  function drop(error: MusterError): void {
    const broken = connection;
    connection = null;
    unanswered = 0;
    broken?.socket.destroy();
    broken?.waiting?.fail(error);
  }

  function open(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true, keepAlive: true });
      const made: Connection = { socket, bytes: new Uint8Array(), waiting: null };
      const cancel = clock.after(timeoutMs, () => fail(missing(`no connection within ${timeoutMs} ms`)));
      function fail(error: MusterError): void {
        cancel();
        socket.destroy();
        if (connection === made) drop(error);
        reject(error);
      }
      // a sensor keeps no process alive
      socket.unref();
      socket.on('error', (error) => fail(missing(words(error), error)));
      socket.on('close', () => fail(missing('the connection was closed')));
      socket.on('connect', () => {
        cancel();
        resolve(made);
      });
      socket.on('data', (data: Buffer) => {
        made.bytes = Buffer.concat([made.bytes, data]);
        for (;;) {
          const frame = takeFrame(made.bytes);
          if (frame === null) return;
          if (frame === 'foreign') return fail(missing('what answers there speaks no Modbus'));
          made.bytes = frame.rest;
          const { waiting } = made;
          // an answer that nobody waits for any more came late
          if (frame.transaction === waiting?.transaction && frame.unit === waiting.unit)
            waiting.take(frame.pdu);
        }
      });
    });
  }

  return {
    async ask(unit, request) {
      const { socket } = (connection ??= await open());
      const made = connection;
      transaction = (transaction + 1) & 0xffff;
      const own = transaction;
      return new Promise((resolve, reject) => {
        const cancel = clock.after(timeoutMs, () => {
          made.waiting = null;
          reject(silent(id, unit, `${timeoutMs} ms`));
          if (++unanswered >= SILENT_QUESTIONS) drop(missing('silent'));
        });
        made.waiting = {
          transaction: own,
          unit,
          take(pdu) {
            cancel();
            made.waiting = null;
            unanswered = 0;
            resolve(pdu);
          },
          fail(error) {
            cancel();
            made.waiting = null;
            reject(error);
          },
        };
        socket.write(tcpFrame(own, unit, encodeRequest(request)));
      });
    },
  };
}

function words(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    ECONNREFUSED: 'nobody listens there; switch Modbus TCP on, or correct the port',
    ENOTFOUND: 'there is no host of that name',
    EAI_AGAIN: 'names cannot be looked up now',
    EHOSTUNREACH: 'no way there; is it switched on?',
    ENETUNREACH: 'no network',
    ECONNRESET: 'the connection was cut',
    EACCES: 'the daemon may not use the network',
  };
  return known[error.code ?? ''] ?? error.message;
}
