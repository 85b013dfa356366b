/**
 * Simulated Modbus slaves behind the interface of every Modbus bus, as on a serial line: an answer has its checksum, and
 * a turned bit is noticed. Owns: units and their fault knobs. Refuses: to remember what another process wrote.
 */
import * as z from 'zod';
import type { Clock } from '../../src/shared/time.ts';
import { createModbus, garbled, silent, type ModbusBus } from '../bus/modbus/modbus-bus.ts';
import {
  functionCode,
  isBits,
  replyLength,
  type ModbusRequest,
  type ModbusTable,
} from '../bus/modbus/pdu.ts';
import { findReply, rtuFrame } from '../bus/modbus/rtu-frame.ts';
import { plugIn, wrong, type ChipConfig } from './plug.ts';
import { clampRound, defineChip, overTheWire, type ChipMaker, type Disturbable } from './sim-chip.ts';

/** What a slave has in its tables. */
interface SlaveFace {
  /** All that a table holds now, from address 0 on; bits are 0 and 1. */
  table(table: ModbusTable): ArrayLike<number>;
  /** False: no coil there. */
  writeCoil(address: number, on: boolean): boolean;
}

/** A meter of mains power: volts, amperes and watts as floats, high word first, in its input registers. */
const meter = defineChip<SlaveFace>(
  {
    voltage: { mean: 230, swing: 4, noise: 0.3 },
    current: { mean: 3, swing: 2.5, noise: 0.05 },
    temperature: { mean: 31, swing: 6, noise: 0.1 },
  },
  (world) => ({
    table(table) {
      if (table === 'holding') return [clampRound(world.now('temperature') * 10, -32_768, 32_767) & 0xffff];
      if (table !== 'input') return [];
      const volts = world.now('voltage');
      const amperes = world.now('current');
      const view = new DataView(new ArrayBuffer(12));
      for (const [i, number] of [volts, amperes, volts * amperes].entries()) view.setFloat32(4 * i, number);
      return Array.from({ length: 6 }, (_, i) => view.getUint16(2 * i));
    },
    writeCoil: () => false,
  }),
);

/** Eight relays, coils 0 to 7, and a contact, discrete input 0. */
const relays = defineChip<SlaveFace>({ contact: { mean: 0.5, swing: 0.5, periodS: 600 } }, (world) => {
  const coils = new Uint8Array(8);
  return {
    table(table) {
      if (table === 'discrete') return [world.now('contact') >= 0.5 ? 1 : 0];
      return table === 'coil' ? coils : [];
    },
    writeCoil(address, on) {
      if (address >= coils.length) return false;
      coils[address] = Number(on);
      return true;
    },
  };
});

type Slave = Disturbable & SlaveFace;
const SLAVES: Readonly<Record<string, ChipMaker<SlaveFace>>> = { meter, relays };

const unitSchema = z.looseObject({ unit: z.number().int().min(1).max(247) });
const ILLEGAL_ADDRESS = 2;
const TIMEOUT_MS = 100;

export interface SimModbus extends ModbusBus {
  chip(unit: number): Disturbable | undefined;
}

/** Makes the slaves as configured; each has a `unit`. Throws CONFIG_INVALID naming what is not known. */
export function createSimModbus(id: string, chips: readonly ChipConfig[], clock: Clock): SimModbus {
  const byUnit = new Map<number, Slave>();
  plugIn(id, chips, SLAVES, (make, config, path) => {
    const { unit, ...rest } = unitSchema.parse(config);
    if (byUnit.has(unit)) throw wrong(`${path}.unit`, 'two slaves of one number');
    byUnit.set(unit, make(rest, clock));
  });
  /** Questions that each slave has had. */
  const asked = new Map<Slave, number>();

  const bus = createModbus(
    id,
    {
      async ask(unit, request) {
        const slave = byUnit.get(unit);
        if (!slave || slave.knobs.unplugged) throw silent(id, unit, `${TIMEOUT_MS} ms`);
        if (slave.knobs.hanging) await new Promise<never>(() => {});
        const n = (asked.get(slave) ?? 0) + 1;
        asked.set(slave, n);
        const { nackEvery } = slave.knobs;
        if (nackEvery > 0 && n % nackEvery === 0) throw silent(id, unit, `${TIMEOUT_MS} ms`);
        const frame = rtuFrame(unit, answer(slave, request));
        const come = overTheWire(frame, frame.length, slave.knobs);
        const code = functionCode(request);
        const found = findReply(come, { unit, code, length: replyLength(request) });
        if (found === 'garbled') throw garbled(id, unit);
        if (found === null) throw silent(id, unit, `${come.length} other bytes came`);
        return found.pdu;
      },
    },
    { clock, timeoutMs: TIMEOUT_MS },
  );
  return { ...bus, chip: (unit) => byUnit.get(unit) };
}

/** What a slave answers (MODBUS Application Protocol V1.1b3, section 6). */
function answer(slave: Slave, request: ModbusRequest): Uint8Array {
  const code = functionCode(request);
  const refusal = Uint8Array.of(code | 0x80, ILLEGAL_ADDRESS);
  if (request.do === 'write-coil') {
    const { address, on } = request;
    return slave.writeCoil(address, on)
      ? Uint8Array.of(code, address >> 8, address & 0xff, on ? 0xff : 0, 0)
      : refusal;
  }
  const { table, address, count } = request;
  const reply = new Uint8Array(replyLength(request));
  reply[0] = code;
  reply[1] = reply.length - 2;
  const held = slave.table(table);
  for (let i = 0; i < count; i++) {
    const value = held[address + i];
    if (value === undefined) return refusal;
    if (isBits(table)) reply[2 + (i >> 3)] = (reply[2 + (i >> 3)] as number) | (value << (i & 7));
    else {
      reply[2 + 2 * i] = value >> 8;
      reply[3 + 2 * i] = value & 0xff;
    }
  }
  return reply;
}
