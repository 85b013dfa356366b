/** Modbus' questions, answers and frames: the standards' own bytes, and anything that may come over a wire. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeReply,
  encodeRequest,
  functionCode,
  isBits,
  MODBUS_TABLES,
  MOST,
  replyLength,
  type ModbusRequest,
  type ModbusTable,
} from '../../../../device/bus/modbus/pdu.ts';
import { crc16, findReply, rtuFrame } from '../../../../device/bus/modbus/rtu-frame.ts';
import { takeFrame, tcpFrame } from '../../../../device/bus/modbus/tcp-frame.ts';

const word = fc.integer({ min: 0, max: 0xffff });
const pdu = fc.uint8Array({ minLength: 1, maxLength: 253 });
const read = fc.constantFrom(...MODBUS_TABLES).chain((table) =>
  fc.record({
    do: fc.constant('read' as const),
    table: fc.constant(table),
    address: word,
    count: fc.integer({ min: 1, max: MOST[table] }),
  }),
);
const write = fc.record({ do: fc.constant('write-coil' as const), address: word, on: fc.boolean() });
const request = fc.oneof(read, write);
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('questions and answers', () => {
  // MODBUS Application Protocol V1.1b3, the examples of sections 6.1, 6.3, 6.4 and 6.5
  const ask = (table: ModbusTable, address: number, count: number) =>
    ({ do: 'read', table, address, count }) as const;
  it.each<[string, ModbusRequest, string, string, number[]]>([
    [
      'coils 20 to 38',
      ask('coil', 0x13, 19),
      '01 0013 0013',
      '01 03 cd6b05',
      [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1],
    ],
    ['registers 108 to 110', ask('holding', 0x6b, 3), '03 006b 0003', '03 06 022b 0000 0064', [555, 0, 100]],
    ['input register 9', ask('input', 8, 1), '04 0008 0001', '04 02 000a', [10]],
    ['coil 173 on', { do: 'write-coil', address: 0xac, on: true }, '05 00ac ff00', '05 00ac ff00', []],
  ])("are the standard's for %s", (_, asked, question, reply, values) => {
    expect(encodeRequest(asked)).toEqual(hex(question));
    expect(replyLength(asked)).toBe(hex(reply).length);
    expect(decodeReply(asked, hex(reply))).toEqual({ values: Uint16Array.from(values) });
  });

  it('carry any values there and back', () => {
    fc.assert(
      fc.property(read, fc.infiniteStream(word), (asked, words) => {
        const { count, table } = asked;
        const most = isBits(table) ? 1 : 0xffff;
        const values = Uint16Array.from({ length: count }, () => (words.next().value as number) & most);
        const reply = new Uint8Array(replyLength(asked));
        reply.set([functionCode(asked), reply.length - 2]);
        for (const [i, value] of values.entries())
          if (isBits(table)) reply[2 + (i >> 3)] = (reply[2 + (i >> 3)] as number) | (value << (i & 7));
          else reply.set([value >> 8, value & 0xff], 2 + 2 * i);
        expect(decodeReply(asked, reply)).toEqual({ values });
      }),
    );
  });

  it('take no answer to another question, and any refusal for one', () => {
    fc.assert(
      fc.property(request, pdu, (asked, reply) => {
        const isIts = reply[0] === functionCode(asked) && reply.length === replyLength(asked);
        const isRefusal = reply[0] === (functionCode(asked) | 0x80);
        expect(isIts || isRefusal || decodeReply(asked, reply) === null).toBe(true);
      }),
    );
    const asked = { do: 'read', table: 'input', address: 1, count: 1 } as const;
    expect(decodeReply(asked, hex('84 02'))).toEqual({ exception: 2 });
    expect(decodeReply({ do: 'write-coil', address: 3, on: true }, hex('05 0003 0000'))).toBeNull();
  });
});

describe('frames of a serial line', () => {
  it("have the checksum of the standard's example", () => {
    // MODBUS over Serial Line V1.02, section 6.2.2: function 7 of slave 2 is sent with 41 12
    expect(rtuFrame(2, Uint8Array.of(7))).toEqual(hex('02 07 41 12'));
    expect(crc16(hex('02 07 41 12'))).toBe(0);
  });

  const asked = fc.record({ unit: fc.integer({ min: 1, max: 247 }), request });
  const wantedOf = (unit: number, of: ModbusRequest) => ({
    unit,
    code: functionCode(of),
    length: replyLength(of),
  });
  const replyTo = (of: ModbusRequest): Uint8Array => {
    const bytes = new Uint8Array(replyLength(of)).fill(0x55);
    bytes[0] = functionCode(of);
    return bytes;
  };

  it('are found whole or not at all, behind whatever came before', () => {
    fc.assert(
      fc.property(asked, fc.uint8Array({ maxLength: 20 }), ({ unit, request: of }, noise) => {
        const wanted = wantedOf(unit, of);
        const frame = rtuFrame(unit, replyTo(of));
        const bytes = Uint8Array.from([...noise, ...frame]);
        expect(findReply(bytes, wanted)).toEqual({ pdu: replyTo(of) });
        const cut = findReply(frame.subarray(0, -1), wanted);
        expect(cut === null || cut === 'garbled').toBe(true);
      }),
    );
  });

  it('with a turned bit are no answer', () => {
    fc.assert(
      fc.property(asked, fc.nat(), ({ unit, request: of }, n) => {
        const frame = rtuFrame(unit, replyTo(of));
        const bit = n % (8 * frame.length);
        frame[bit >> 3] = (frame[bit >> 3] as number) ^ (0x80 >> (bit & 7));
        const found = findReply(frame, wantedOf(unit, of));
        expect(found === null || found === 'garbled').toBe(true);
      }),
    );
  });

  it('of another unit are not taken', () => {
    const of = { do: 'read', table: 'holding', address: 0, count: 1 } as const;
    expect(findReply(rtuFrame(4, replyTo(of)), wantedOf(3, of))).toBeNull();
  });
});

describe('frames over TCP', () => {
  it('come back as they went, however they are cut, with what is behind them', () => {
    fc.assert(
      fc.property(
        word,
        fc.nat(255),
        pdu,
        fc.uint8Array({ maxLength: 9 }),
        fc.nat(),
        (number, unit, bytes, more, cut) => {
          const frame = tcpFrame(number, unit, bytes);
          expect(takeFrame(Uint8Array.from([...frame, ...more]))).toEqual({
            transaction: number,
            unit,
            pdu: bytes,
            rest: Uint8Array.from(more),
          });
          expect(takeFrame(frame.subarray(0, cut % frame.length))).toBeNull();
        },
      ),
    );
  });

  it('tell who speaks no Modbus', () => {
    expect(takeFrame(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toBe('foreign');
    expect(takeFrame(hex('0001 0000 0000 01'))).toBe('foreign');
  });
});
