/** A Modbus slave on a serial line that answers wrongly: damaged, late, with noise, for somebody else. Nothing is made up. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { busSchema } from '../../device/bus/bus-config.ts';
import type { ModbusBus } from '../../device/bus/modbus/modbus-bus.ts';
import { openModbus, type ModbusConfig } from '../../device/bus/modbus/open-modbus.ts';
import { rtuFrame } from '../../device/bus/modbus/rtu-frame.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { need } from '../support/need.ts';
import { PtySocket } from '../support/pty.ts';

/** The answer of `unit` to a question for one holding register. */
const one = (unit: number, value: number): Uint8Array =>
  rtuFrame(unit, Uint8Array.of(3, 2, value >> 8, value & 0xff));

describe.skipIf(!need('socat'))('a slave that answers wrongly', { timeout: 30_000 }, () => {
  let line: PtySocket;
  let bus: ModbusBus;
  /** What the slave says to a question of so many bytes. */
  let answer: (question: Buffer) => void;
  beforeEach(async () => {
    line = await PtySocket.open();
    const config = { id: 'plant', kind: 'modbus-rtu', device: line.device, parity: 'none', timeoutMs: 400 };
    bus = openModbus(busSchema.parse(config) as ModbusConfig, deviceClock);
    line.far.on('data', (question) => answer(question));
  });
  afterEach(() => line.remove());
  const say = (...frames: Uint8Array[]): void => {
    for (const frame of frames) line.far.write(frame);
  };
  const read = async (unit = 1): Promise<number | undefined> => (await bus.read(unit, 'holding', 0, 1))[0];

  it('asks with bytes of the standard', async () => {
    const asked: string[] = [];
    answer = (question) => {
      asked.push(question.toString('hex'));
      say(one(1, 7));
    };
    expect(await read()).toBe(7);
    // MODBUS over Serial Line V1.02: unit, function, address, count, CRC low byte first
    expect(asked).toEqual(['010300000001840a']);
  });

  it('with a wrong checksum is not believed', async () => {
    answer = () => say(one(1, 7).with(4, 8));
    await expect(read()).rejects.toMatchObject({
      code: 'DRIVER_CHECKSUM',
      message: expect.stringContaining('came damaged'),
    });
    answer = () => say(one(1, 9));
    expect(await read()).toBe(9);
  });

  it('with a refusal is told in words', async () => {
    answer = () => say(rtuFrame(1, Uint8Array.of(0x83, 6)));
    await expect(read()).rejects.toMatchObject({
      code: 'BUS_REFUSED',
      message: 'unit 1 on plant, 1 of table holding at 0: it is busy (device busy)',
    });
  });

  it("late, is not taken for another unit's answer", async () => {
    // unit 1 answers when unit 2 is asked already
    answer = () => {};
    await expect(read(1)).rejects.toMatchObject({ code: 'BUS_NACK' });
    answer = (question) => say(one(1, 111), one(question[0] as number, 222));
    expect(await read(2)).toBe(222);
  });

  it('late, is not taken for its own answer to the next question', async () => {
    answer = () => setTimeout(() => say(one(1, 111)), 500);
    await expect(read()).rejects.toMatchObject({ code: 'BUS_NACK' });
    answer = () => say(one(1, 222));
    // left alone until what it may still say has come
    await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('it is asked again in') });
    await expect
      .poll(() => read().catch((error: { code: string }) => error.code), { timeout: 10_000, interval: 100 })
      .toBe(222);
  });

  it('in pieces, behind noise, is understood', async () => {
    answer = () => {
      const whole = Buffer.concat([Uint8Array.of(0, 0xff, 1, 3), one(1, 513)]);
      for (const [i, byte] of whole.entries()) setTimeout(() => say(Uint8Array.of(byte)), 5 * i);
    };
    expect(await read()).toBe(513);
  });

  it('with noise alone, is missed with what was heard', async () => {
    answer = () => say(Buffer.from('hello, world'));
    await expect(read()).rejects.toMatchObject({
      code: 'BUS_NACK',
      message: expect.stringContaining(
        '12 other bytes came: 68656c6c6f2c2077…; same speed and parity at both ends?',
      ),
    });
  });

  it('to another question, is refused', async () => {
    answer = () => say(rtuFrame(1, Uint8Array.of(3, 4, 0, 1, 0, 2)));
    await expect(read()).rejects.toMatchObject({ code: 'DRIVER_CHECKSUM' });
    const wrote = bus.writeCoil(2, 5, true);
    answer = () => say(rtuFrame(2, Uint8Array.of(5, 0, 6, 0xff, 0)));
    await expect(wrote).rejects.toMatchObject({
      code: 'DRIVER_CHECKSUM',
      message: expect.stringContaining('answers another question'),
    });
  });
});
