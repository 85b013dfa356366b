/** A Modbus gateway that is not there, hangs, answers late, cuts the line, or is something else. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createModbus, type ModbusBus } from '../../device/bus/modbus/modbus-bus.ts';
import { createTcpLine } from '../../device/bus/modbus/tcp-line.ts';
import { tcpFrame } from '../../device/bus/modbus/tcp-frame.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';

const TIMEOUT_MS = 300;

let server: Server;
let port: number;
let bus: ModbusBus;
let sockets: Socket[];
/** What the gateway does with a question. */
let answer: (socket: Socket, question: Buffer) => void;

beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (question) => answer(socket, question));
  });
  await listen(0);
  const settings = { host: '127.0.0.1', port, timeoutMs: TIMEOUT_MS };
  bus = createModbus('hall', createTcpLine('hall', settings, deviceClock), {
    clock: deviceClock,
    timeoutMs: TIMEOUT_MS,
  });
});
afterEach(hangUp);

async function listen(at: number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  ({ port } = server.address() as { port: number });
}

async function hangUp(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

const read = async (unit = 1): Promise<number | undefined> => (await bus.read(unit, 'input', 0, 1))[0];
const say = (socket: Socket, question: Buffer, value: number): void =>
  void socket.write(tcpFrame(question.readUInt16BE(0), question[6] as number, Uint8Array.of(4, 2, 0, value)));
const outcome = (unit = 1) => read(unit).catch((error: { code: string }) => error.code);

it('that is switched off is told in words, and works when it is back', async () => {
  answer = (socket, question) => say(socket, question, 7);
  expect(await read()).toBe(7);
  await hangUp();
  await expect(read()).rejects.toMatchObject({ code: 'BUS_MISSING' });
  await expect(read()).rejects.toMatchObject({
    code: 'BUS_MISSING',
    message: `hall: 127.0.0.1, port ${port}: nobody listens there; switch Modbus TCP on, or correct the port`,
  });
  await listen(port);
  expect(await read()).toBe(7);
});

it('that is silent is connected anew, and what it says late is nobody else’s', async () => {
  answer = (socket, question) => setTimeout(() => say(socket, question, 111), TIMEOUT_MS + 100);
  expect(await outcome(1)).toBe('BUS_NACK');
  answer = (socket, question) => setTimeout(() => say(socket, question, 222), 200);
  expect(await outcome(2)).toBe(222);
  answer = () => {};
  for (const unit of [3, 4, 5]) expect(await outcome(unit)).toBe('BUS_NACK');
  answer = (socket, question) => say(socket, question, 9);
  expect(await outcome(6)).toBe(9);
  expect(sockets).toHaveLength(2);
});

it('that cuts the line in the middle of an answer is asked anew', async () => {
  answer = (socket, question) => {
    const frame = tcpFrame(question.readUInt16BE(0), 1, Uint8Array.of(4, 2, 0, 7));
    socket.end(frame.subarray(0, 8));
  };
  await expect(read()).rejects.toMatchObject({ code: 'BUS_MISSING' });
  answer = (socket, question) => {
    // in pieces
    for (const byte of tcpFrame(question.readUInt16BE(0), 1, Uint8Array.of(4, 2, 0, 8)))
      socket.write(Uint8Array.of(byte));
  };
  expect(await read()).toBe(8);
});

it('that is no gateway at all is told so', async () => {
  answer = (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  await expect(read()).rejects.toMatchObject({
    code: 'BUS_MISSING',
    message: expect.stringContaining('what answers there speaks no Modbus'),
  });
});

it('that says why it has no answer is believed', async () => {
  answer = (socket, question) =>
    socket.write(tcpFrame(question.readUInt16BE(0), question[6] as number, Uint8Array.of(0x84, 11)));
  await expect(read(9)).rejects.toMatchObject({
    code: 'BUS_REFUSED',
    message: expect.stringContaining('it does not answer the gateway'),
  });
});
