/**
 * Registers to numbers. A register is 16 bits, high byte first (MODBUS Application Protocol V1.1b3, section 4.2); how
 * numbers of several registers lie in them is the manufacturer's choice. Pure.
 */

/** Unsigned, signed, and IEEE 754 numbers of so many bits. */
export const TYPES = ['u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64'] as const;
export type NumberType = (typeof TYPES)[number];

/** Named by where the four bytes of 0xAABBCCDD stand. */
export const ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
export type Order = (typeof ORDERS)[number];

/** Registers that a number takes. */
export function wordsOf(type: NumberType): number {
  return Number(type.slice(1)) / 16;
}

/** Smallest and largest number of a type. */
export function rangeOf(type: NumberType): [low: number, high: number] {
  const bits = Number(type.slice(1));
  if (type.startsWith('u')) return [0, 2 ** bits - 1];
  if (type.startsWith('s')) return [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const highest = type === 'f32' ? 3.402_823_4e38 : Number.MAX_VALUE;
  return [-highest, highest];
}

/** The number in `words`, of which there are as many as its type takes. NaN for a float that is none. */
export function decodeNumber(words: ArrayLike<number>, type: NumberType, order: Order): number {
  const view = new DataView(new ArrayBuffer(2 * words.length));
  const swapWords = order === 'CDAB' || order === 'DCBA';
  const swapBytes = order === 'BADC' || order === 'DCBA';
  for (let i = 0; i < words.length; i++) {
    const word = words[swapWords ? words.length - 1 - i : i] as number;
    view.setUint16(2 * i, word, swapBytes);
  }
  switch (type) {
    case 'u16':
      return view.getUint16(0);
    case 's16':
      return view.getInt16(0);
    case 'u32':
      return view.getUint32(0);
    case 's32':
      return view.getInt32(0);
    case 'u64':
      return Number(view.getBigUint64(0));
    case 's64':
      return Number(view.getBigInt64(0));
    case 'f32':
      return view.getFloat32(0);
    case 'f64':
      return view.getFloat64(0);
  }
}
