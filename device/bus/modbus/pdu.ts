/** Modbus questions and answers without their wrapping (MODBUS Application Protocol V1.1b3, sections 6 and 7). Pure. */

/** The four tables of a slave (section 4.3): bits one writes and reads, bits one reads, words likewise. */
export const MODBUS_TABLES = ['coil', 'discrete', 'holding', 'input'] as const;
export type ModbusTable = (typeof MODBUS_TABLES)[number];

export type ModbusRequest =
  | { readonly do: 'read'; readonly table: ModbusTable; readonly address: number; readonly count: number }
  | { readonly do: 'write-coil'; readonly address: number; readonly on: boolean };

/** Function codes (sections 6.1 to 6.5). */
const READ: Record<ModbusTable, number> = { coil: 1, discrete: 2, holding: 3, input: 4 };
const WRITE_COIL = 5;
/** Set in the function code of an answer that refuses (section 7). */
const EXCEPTION = 0x80;
/** What one question may ask for (sections 6.1 to 6.4). */
export const MOST: Record<ModbusTable, number> = { coil: 2000, discrete: 2000, holding: 125, input: 125 };

export function isBits(table: ModbusTable): boolean {
  return table === 'coil' || table === 'discrete';
}

export function functionCode(request: ModbusRequest): number {
  return request.do === 'read' ? READ[request.table] : WRITE_COIL;
}

export function encodeRequest(request: ModbusRequest): Uint8Array {
  const last = request.do === 'read' ? request.count : request.on ? 0xff00 : 0;
  const { address } = request;
  return Uint8Array.of(functionCode(request), address >> 8, address & 0xff, last >> 8, last & 0xff);
}

/** Bytes of the answer that does not refuse. */
export function replyLength(request: ModbusRequest): number {
  if (request.do !== 'read') return 5;
  const { table, count } = request;
  return 2 + (isBits(table) ? Math.ceil(count / 8) : 2 * count);
}

/** What an answer says: words, or a 0 or 1 for each bit; none for a write. Null: it answers something else. */
export function decodeReply(
  request: ModbusRequest,
  reply: Uint8Array,
): { values: Uint16Array } | { exception: number } | null {
  const code = functionCode(request);
  if (reply[0] === (code | EXCEPTION) && reply.length === 2) return { exception: reply[1] as number };
  if (reply[0] !== code || reply.length !== replyLength(request)) return null;
  if (request.do !== 'read') {
    // the question comes back
    const same = encodeRequest(request).every((byte, i) => byte === reply[i]);
    return same ? { values: new Uint16Array() } : null;
  }
  const { table, count } = request;
  if (reply[1] !== reply.length - 2) return null;
  const bytes = reply.subarray(2);
  const values = isBits(table)
    ? // the first bit is the lowest of the first byte (section 6.1)
      Uint16Array.from({ length: count }, (_, i) => ((bytes[i >> 3] as number) >> (i & 7)) & 1)
    : Uint16Array.from(
        { length: count },
        (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number),
      );
  return { values };
}

/** What a slave means by a refusal (section 7). */
export function exceptionWords(exception: number): string {
  const words: Partial<Record<number, string>> = {
    1: 'it does not know this kind of question (illegal function)',
    2: 'it has nothing at this address (illegal data address)',
    3: 'it does not take this value or so many at once (illegal data value)',
    4: 'it failed while it tried (device failure)',
    5: 'it needs longer and will answer later (acknowledge)',
    6: 'it is busy (device busy)',
    8: 'its memory has a parity error',
    10: 'the gateway has no way to it (gateway path unavailable)',
    11: 'it does not answer the gateway (gateway target failed to respond)',
  };
  return words[exception] ?? `exception ${exception}`;
}
