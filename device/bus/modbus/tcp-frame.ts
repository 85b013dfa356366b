/** Modbus frames over TCP (MODBUS Messaging on TCP/IP V1.0b, section 3.1.3): a header of seven bytes, no checksum. Pure. */

const HEADER = 7;
/** Longest question or answer (MODBUS Application Protocol V1.1b3, section 4.1). */
const LONGEST_PDU = 253;

export function tcpFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + pdu.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, transaction);
  view.setUint16(4, pdu.length + 1);
  frame[6] = unit;
  frame.set(pdu, HEADER);
  return frame;
}

/** The first frame of `bytes` and what is behind it. Null: not whole yet. `foreign`: whoever speaks there speaks no Modbus. */
export function takeFrame(
  bytes: Uint8Array,
): { transaction: number; unit: number; pdu: Uint8Array; rest: Uint8Array } | 'foreign' | null {
  if (bytes.length < HEADER) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint16(4);
  if (view.getUint16(2) !== 0 || length < 2 || length > LONGEST_PDU + 1) return 'foreign';
  const end = HEADER - 1 + length;
  if (bytes.length < end) return null;
  return {
    transaction: view.getUint16(0),
    unit: bytes[6] as number,
    pdu: bytes.slice(HEADER, end),
    rest: bytes.slice(end),
  };
}
