/**
 * Modbus over a serial line (MODBUS over Serial Line V1.02, section 2.5.1).
 * Owns: the port, its time-outs, the silence between frames, and that processes share the line: the drivers' host and
 * the outputs' process both hold the port open, and each takes the port's lock for one question and its answer. Only who
 * has the lock reads, so nobody takes the other's bytes; the kernel frees the lock of a process that dies.
 * Refuses: to guess. An answer is taken from the unit that was asked, to the function that was asked, with a right
 * checksum; what came before the question is dropped.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import type { LinuxAddon } from '../linux-addon.ts';
import { byteMs, type LineSettings } from '../serial/line-settings.ts';
import { SerialPort } from '../serial/serial-port.ts';
import { garbled, silent, type ModbusLine } from './modbus-bus.ts';
import { encodeRequest, functionCode, replyLength, type ModbusRequest } from './pdu.ts';
import { findReply, rtuFrame } from './rtu-frame.ts';

/** Silence before a frame, bytes (section 2.5.1.1), and at least as many ms from 19200 baud on. */
const SILENCE_BYTES = 3.5;
const SILENCE_MS = 1.75;
/** Who waits for the lock looks this often, ms; who had it leaves it longer than that, so that both get on. */
const LOOK_MS = 2;
const LEAVE_MS = 5;
/** Who has the lock for so much longer than a question may take does not share, ms. */
const LOCK_MS = 2000;
/** More than the longest frame: noise without end. */
const MOST_BYTES = 4096;

export function createRtuLine(
  id: string,
  settings: LineSettings & { timeoutMs: number },
  clock: Clock,
  load?: () => LinuxAddon,
): ModbusLine {
  let port: SerialPort | null = null;
  const perByte = byteMs(settings);
  const gapMs = Math.max(LEAVE_MS, SILENCE_MS, SILENCE_BYTES * perByte);

  async function lock(open: SerialPort): Promise<void> {
    const until = clock.monotonic() + settings.timeoutMs + LOCK_MS;
    while (!open.lock()) {
      if (clock.monotonic() >= until) throw open.inUse();
      await pause(LOOK_MS);
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      clock.after(ms, resolve);
    });
  }

  async function reply(open: SerialPort, unit: number, request: ModbusRequest): Promise<Uint8Array> {
    const question = rtuFrame(unit, encodeRequest(request));
    const wanted = { unit, code: functionCode(request), length: replyLength(request) };
    open.dropInput();
    open.write(question);
    const onTheWire = (question.length + wanted.length + 3) * perByte;
    const until = clock.monotonic() + settings.timeoutMs + onTheWire;
    let bytes: Uint8Array = new Uint8Array();
    for (;;) {
      const left = until - clock.monotonic();
      if (left <= 0) break;
      if (!(await open.wait(left))) continue;
      bytes = Buffer.concat([bytes, open.read()]);
      const found = findReply(bytes, wanted);
      if (found !== null && found !== 'garbled') return found.pdu;
      if (bytes.length > MOST_BYTES) break;
    }
    if (findReply(bytes, wanted) === 'garbled') throw garbled(id, unit);
    throw silent(id, unit, bytes.length === 0 ? `${settings.timeoutMs} ms` : heard(bytes));
  }

  return {
    async ask(unit, request) {
      try {
        if (port === null) {
          port = new SerialPort(id, settings, load);
          // who had it before us may have died with a question on its way: its answer is not ours
          await pause(settings.timeoutMs);
        }
        await lock(port);
        try {
          return await reply(port, unit, request);
        } finally {
          port.unlock();
          await pause(gapMs);
        }
      } catch (error) {
        // an adapter that was pulled out comes back under a new file
        if (error instanceof MusterError && error.code === 'BUS_MISSING') {
          port?.close();
          port = null;
        }
        throw error;
      }
    },
  };
}

/** What was heard instead of an answer. */
function heard(bytes: Uint8Array): string {
  const first = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return `${bytes.length} other bytes came: ${first}${bytes.length > 8 ? '…' : ''}; same speed and parity at both ends?`;
}
