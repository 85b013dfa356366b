/** A serial adapter is pulled out and put back: whoever uses it says so, and works again without anybody's help. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createModbus } from '../../device/bus/modbus/modbus-bus.ts';
import { createRtuLine } from '../../device/bus/modbus/rtu-line.ts';
import { createLinuxSerial } from '../../device/bus/serial/linux-serial.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import type { MusterError } from '../../src/shared/errors.ts';
import { HOLDING } from '../support/modbus-slave.ts';
import { ModbusSlave } from '../support/modbus-slaves.ts';
import { need } from '../support/need.ts';
import { PtyLine } from '../support/pty.ts';
import { until } from '../support/until.ts';

const GONE = { code: 'BUS_MISSING', message: expect.stringMatching(/is gone: unplugged|there is no/) };

describe.skipIf(!need('socat'))('a serial port that is unplugged', { timeout: 60_000 }, () => {
  let line: PtyLine;
  beforeEach(async () => {
    line = new PtyLine();
    await line.plug();
  });
  afterEach(() => line.remove());
  // the name stays, as that of an adapter in /dev/serial/by-id does
  const settings = () =>
    ({ device: line.near, baud: 9600, dataBits: 8, parity: 'none', stopBits: 1, timeoutMs: 1000 }) as const;

  it('carries Modbus again when it is back', async () => {
    const bus = createModbus('plant', createRtuLine('plant', settings(), deviceClock), {
      clock: deviceClock,
      timeoutMs: 1000,
    });
    const read = () => bus.read(1, 'holding', 0, 1);
    const slave = await new ModbusSlave(line.far).ready();
    expect(await read()).toEqual(Uint16Array.of(HOLDING[0] as number));
    await line.unplug();
    await expect(read()).rejects.toMatchObject(GONE);
    await expect(read()).rejects.toMatchObject(GONE);
    await slave.end();
    await line.plug();
    const other = await new ModbusSlave(line.far).ready();
    expect(await read()).toEqual(Uint16Array.of(HOLDING[0] as number));
    await other.end();
  });

  it('is heard again when it is back, and told of when it goes', async () => {
    const bus = createLinuxSerial('tty', settings());
    let heard = '';
    const gone: MusterError[] = [];
    const listen = () =>
      bus.listen(
        (bytes) => (heard += Buffer.from(bytes).toString()),
        (error) => gone.push(error),
      );
    const feed = await listen();
    writeFileSync(line.far, 'one\n');
    await until(() => heard === 'one\n', 'a line');
    await expect(
      createLinuxSerial('second', settings()).listen(
        () => {},
        () => {},
      ),
    ).rejects.toMatchObject({
      message: expect.stringContaining('in use by another program'),
    });
    await line.unplug();
    await until(() => gone.length > 0, 'the news that it is gone');
    expect(gone).toMatchObject([GONE]);
    feed.close();
    await expect(listen()).rejects.toMatchObject(GONE);
    await line.plug();
    const again = await listen();
    writeFileSync(line.far, 'two\n');
    await until(() => heard === 'one\ntwo\n', 'another line');
    again.close();
  });
});
