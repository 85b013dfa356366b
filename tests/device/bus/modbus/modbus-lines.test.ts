/** The contract of Modbus buses: simulated, over a serial line and over TCP to slaves that others wrote, also on arm64. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe } from 'vitest';
import { busSchema } from '../../../../device/bus/bus-config.ts';
import { openModbus, type ModbusConfig } from '../../../../device/bus/modbus/open-modbus.ts';
import { deviceClock } from '../../../../device/platform/device-clock.ts';
import { createSimModbus } from '../../../../device/sim/sim-modbus.ts';
import { nodeRuntime } from '../../../../src/core/install/runtime.ts';
import { modbusBusContract, type ModbusBench } from '../../../contracts/modbus-bus-contract.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { modbusInProcess } from '../../../support/modbus-process.ts';
import { HOLDING } from '../../../support/modbus-slave.ts';
import { ModbusSlave } from '../../../support/modbus-slaves.ts';
import { need } from '../../../support/need.ts';
import { PtyLine } from '../../../support/pty.ts';
import { freePort } from '../../../support/sshd.ts';
import { RUNTIME_CACHE } from '../../../support/test-device.ts';

const FACTS = {
  words: { unit: 1, table: 'holding', address: 0, values: HOLDING },
  relays: { unit: 1 },
  nothing: { unit: 1, table: 'holding', address: 40 },
} as const;

function configured(fields: Record<string, unknown>): ModbusConfig {
  return busSchema.parse({ id: 'plant', timeoutMs: 300, ...fields }) as ModbusConfig;
}

describe('a simulated Modbus line', () => {
  modbusBusContract(() => {
    const chips = [
      { chip: 'meter', unit: 1 },
      { chip: 'relays', unit: 2 },
    ];
    const bus = createSimModbus('plant', chips, new FakeClock());
    bus.chip(1)?.hold('temperature', 25.6);
    return {
      bus,
      words: { unit: 1, table: 'holding', address: 0, values: [256] },
      relays: { unit: 2 },
      nothing: { unit: 1, table: 'holding', address: 1 },
      remove() {},
    };
  });
});

describe('Modbus over TCP', { timeout: 60_000 }, () => {
  modbusBusContract(async () => {
    const port = await freePort();
    const slave = await new ModbusSlave(port).ready();
    const bus = openModbus(configured({ kind: 'modbus-tcp', address: '127.0.0.1', port }), deviceClock);
    return { ...FACTS, words: { ...FACTS.words }, bus, remove: () => slave.end() };
  });
});

async function overPty(program?: (folder: string) => Promise<string[]>): Promise<ModbusBench> {
  const line = new PtyLine();
  await line.plug();
  const slave = await new ModbusSlave(line.far).ready();
  // a pseudo terminal has no parity
  const config = configured({ kind: 'modbus-rtu', device: line.device, parity: 'none', timeoutMs: 1000 });
  const child = program && modbusInProcess(config, await program(line.folder));
  return {
    ...FACTS,
    bus: child?.bus ?? openModbus(config, deviceClock),
    async remove() {
      child?.end();
      await slave.end();
      await line.remove();
    },
  };
}

describe.skipIf(!need('socat'))('Modbus over a serial line', { timeout: 60_000 }, () => {
  modbusBusContract(() => overPty());
});

describe.skipIf(!need('socat', 'qemu-arm64'))(
  'Modbus over a serial line on arm64',
  { timeout: 300_000 },
  () => {
    modbusBusContract(() =>
      overPty(async (folder) => {
        const runtime = await nodeRuntime({ arch: 'arm64', cacheDir: RUNTIME_CACHE });
        const node = join(folder, 'node');
        writeFileSync(node, gunzipSync(readFileSync(runtime.path)), { mode: 0o755 });
        return ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', node];
      }),
    );
  },
);
