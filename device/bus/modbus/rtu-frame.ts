/** Modbus frames on a serial line (MODBUS over Serial Line V1.02, section 2.5.1): unit, question or answer, CRC. Pure. */

/** CRC-16 of the line (section 6.2.2): polynomial 0xA001, from 0xFFFF, low byte first on the wire. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(pdu.length + 3);
  frame[0] = unit;
  frame.set(pdu, 1);
  const crc = crc16(frame.subarray(0, -2));
  frame[frame.length - 2] = crc & 0xff;
  frame[frame.length - 1] = crc >> 8;
  return frame;
}

/**
 * The answer of `unit` to function `code` among the bytes that came, `length` bytes long unless it refuses. What others
 * said late, or noise, may stand before it. `garbled`: it is there, and its checksum is wrong. Null: not yet.
 */
export function findReply(
  bytes: Uint8Array,
  { unit, code, length }: { unit: number; code: number; length: number },
): { pdu: Uint8Array } | 'garbled' | null {
  let garbled = false;
  for (let from = 0; from + 5 <= bytes.length; from++) {
    if (bytes[from] !== unit) continue;
    const said = bytes[from + 1];
    const whole = said === code ? length + 3 : said === (code | 0x80) ? 5 : 0;
    if (whole === 0 || from + whole > bytes.length) continue;
    const frame = bytes.subarray(from, from + whole);
    const crc = crc16(frame.subarray(0, -2));
    if (frame[whole - 2] === (crc & 0xff) && frame[whole - 1] === crc >> 8)
      return { pdu: frame.slice(1, -2) };
    garbled = true;
  }
  return garbled ? 'garbled' : null;
}
