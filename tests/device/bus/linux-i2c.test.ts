/** The I2C bus of Linux: the contract of every I2C bus over the real addon, its errors in words, a bus that hangs. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createLinuxI2c, type I2cAddon } from '../../../device/bus/linux-i2c.ts';
import { nodeRuntime } from '../../../src/core/install/runtime.ts';
import { i2cBusContract, type I2cBench } from '../../contracts/i2c-bus-contract.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RegisterAdapter } from '../../support/i2c-adapter.ts';
import { plugChips, simChips } from '../../support/i2c-chips.ts';
import { need } from '../../support/need.ts';
import { RUNTIME_CACHE } from '../../support/test-device.ts';

async function bench(
  adapter: RegisterAdapter,
  program?: (env: NodeJS.ProcessEnv) => string[],
): Promise<I2cBench> {
  await plugChips(adapter);
  const bus = adapter.bus(undefined, program);
  return {
    bus,
    unplug(address) {
      adapter.unplug(address);
      return () => plugChips(adapter);
    },
    remove: () => adapter.remove(),
  };
}

describe('a simulated I2C bus', () => {
  i2cBusContract(() => {
    const bus = simChips();
    return {
      bus,
      unplug(address) {
        const knobs = bus.chip(address)?.knobs;
        if (!knobs) throw new Error('there is no such chip');
        knobs.unplugged = true;
        return () => void (knobs.unplugged = false);
      },
      remove() {},
    };
  });
});

describe.skipIf(!need('gcc'))("Linux' I2C bus over register files", () => {
  i2cBusContract(() => bench(new RegisterAdapter()));
});

describe.skipIf(!need('gcc-arm64', 'qemu-arm64'))("Linux' I2C bus on arm64", { timeout: 300_000 }, () => {
  i2cBusContract(async () => {
    const adapter = new RegisterAdapter('aarch64-linux-gnu-gcc');
    const runtime = await nodeRuntime({ arch: 'arm64', cacheDir: RUNTIME_CACHE });
    const node = join(adapter.folder, 'node');
    writeFileSync(node, gunzipSync(readFileSync(runtime.path)), { mode: 0o755 });
    return bench(adapter, (env) => [
      'qemu-aarch64-static',
      '-L',
      '/usr/aarch64-linux-gnu',
      ...Object.entries(env).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
      node,
    ]);
  });
});

/** An addon whose transfers come back when a test says so. */
function addonThatWaits(): { addon: I2cAddon; begun: () => number; comeBack: () => void } {
  const waiting: ((error: null, value: number) => void)[] = [];
  let begun = 0;
  const addon: I2cAddon = {
    setAddrSync() {},
    writeQuickAsync() {},
    sendByteAsync() {},
    receiveByteAsync: (_fd, done) => {
      begun++;
      waiting.push(done);
    },
    readI2cBlockAsync() {},
    writeI2cBlockAsync() {},
  };
  return { addon, begun: () => begun, comeBack: () => waiting.shift()?.(null, 7) };
}

describe('an I2C bus that hangs', () => {
  it('is given up on after its time-out, has one transfer in the kernel, and goes on when that comes back', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'muster-i2c-')), 'i2c-1');
    writeFileSync(file, '');
    const clock = new FakeClock();
    const { addon, begun, comeBack } = addonThatWaits();
    const bus = createLinuxI2c('i2c-1', file, clock, () => addon);
    const outcomes = [0x20, 0x21, 0x22].map((address) =>
      bus.read(address, 1).then(
        ([byte]) => byte,
        (error: { code: string }) => error.code,
      ),
    );
    await expect.poll(begun).toBe(1);
    await clock.advance(2001);
    expect(await Promise.all(outcomes)).toEqual(['BUS_STUCK', 'BUS_STUCK', 'BUS_STUCK']);
    await expect(bus.read(0x20, 1)).rejects.toMatchObject({ code: 'BUS_STUCK' });
    expect(begun()).toBe(1);
    comeBack();
    await new Promise(setImmediate);
    const later = bus.read(0x20, 1);
    await expect.poll(begun).toBe(2);
    comeBack();
    expect([...(await later)]).toEqual([7]);
    rmSync(file, { force: true });
  });
});

describe("an I2C bus' errors", () => {
  const failing = (errno: number): I2cAddon => {
    const fail = (...args: unknown[]): void =>
      (args.at(-1) as (error: Error) => void)(Object.assign(new Error('it failed'), { errno }));
    return {
      setAddrSync() {},
      writeQuickAsync: fail,
      sendByteAsync: fail,
      receiveByteAsync: fail,
      readI2cBlockAsync: fail,
      writeI2cBlockAsync: fail,
    };
  };
  it.each([
    ['EREMOTEIO', 121, 'BUS_NACK', 'nothing answers at 0x48'],
    ['ENXIO', 6, 'BUS_NACK', 'nothing answers at 0x48'],
    ['ETIMEDOUT', 110, 'BUS_STUCK', 'cut the power'],
    ['EBUSY', 16, 'BUS_MISSING', 'a driver of the kernel has 0x48'],
    ['EOPNOTSUPP', 95, 'BUS_MISSING', 'cannot do such a transfer'],
    ['ENODEV', 19, 'BUS_MISSING', '/dev/null does not work'],
  ])('%s (%i) is %s', async (_, errno, code, words) => {
    const bus = createLinuxI2c('i2c-1', '/dev/null', new FakeClock(), () => failing(errno));
    await expect(bus.writeRead(0x48, Uint8Array.of(0), 2)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  it('says to switch I2C on where there is no such file', async () => {
    const bus = createLinuxI2c('i2c-1', '/dev/i2c-99', new FakeClock());
    await expect(bus.read(0x48, 1)).rejects.toMatchObject({
      code: 'BUS_MISSING',
      message: expect.stringContaining('raspi-config'),
    });
  });

  it('says which group may use a file that is not ours', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'muster-i2c-')), 'i2c-1');
    writeFileSync(file, '');
    chmodSync(file, 0o000);
    const bus = createLinuxI2c('i2c-1', file, new FakeClock());
    // root may open everything: be nobody meanwhile
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(bus.read(0x48, 1)).rejects.toMatchObject({ message: expect.stringContaining('group') });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
