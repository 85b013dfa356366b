/** The product's Modbus bus in a process of its own, under whatever runs it: an order a line, an answer a line. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ModbusBus } from '../../device/bus/modbus/modbus-bus.ts';
import type { ModbusConfig } from '../../device/bus/modbus/open-modbus.ts';
import { errorFromWire, type WireError } from '../../src/shared/errors.ts';

/** A question to the child, and its answer. */
export type ModbusOrder =
  | { do: 'read'; question: Parameters<ModbusBus['read']> }
  | { do: 'writeCoil'; question: Parameters<ModbusBus['writeCoil']> };
export type ModbusAnswer = { values: number[] } | { error: WireError };

/** `program`: what runs it, with its arguments. */
export function modbusInProcess(
  config: ModbusConfig,
  program: readonly string[],
): { bus: ModbusBus; end: () => void } {
  const [command = '', ...args] = program;
  const script = join(import.meta.dirname, 'modbus-child.ts');
  const child = spawn(command, [...args, script, JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: ((answer: ModbusAnswer) => void)[] = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.(JSON.parse(line) as ModbusAnswer));
  const ask = async (order: ModbusOrder): Promise<Uint16Array> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = await new Promise<ModbusAnswer>((resolve) => waiting.push(resolve));
    if ('error' in answer) throw errorFromWire(answer.error);
    return Uint16Array.from(answer.values);
  };
  return {
    bus: {
      kind: 'modbus',
      id: config.id,
      read: (...question) => ask({ do: 'read', question }),
      writeCoil: async (...question) => void (await ask({ do: 'writeCoil', question })),
    },
    end: () => child.kill('SIGKILL'),
  };
}
