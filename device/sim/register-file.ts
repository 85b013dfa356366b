/**
 * The commonest kind of I2C chip: a pointer, and 16-bit registers behind it, high byte first. Reading does not move the
 * pointer; writing takes two bytes after it.
 */
import type { I2cFace } from './sim-chip.ts';

export interface RegisterFile {
  /** Bits of the pointer that the chip looks at. */
  mask: number;
  /** Registers that say what they measure, or what they are. */
  fixed: Readonly<Record<number, () => number>>;
  /** Registers that take a value: what they hold at power-up, and what of a value they keep. */
  writable: Readonly<Record<number, { reset: number; keep?: (value: number) => number }>>;
  /** Called after a write. */
  onWrite?: (register: number, value: number) => void;
  /** Registers that hold one byte. */
  single?: readonly number[];
  /** True: low byte first. */
  littleEndian?: boolean;
}

/** Behaviour of such a chip. A register that is not there reads 0xffff. */
export function registerFile({
  mask,
  fixed,
  writable,
  onWrite,
  single = [],
  littleEndian,
}: RegisterFile): I2cFace {
  const held = new Map(Object.entries(writable).map(([at, { reset }]) => [Number(at), reset]));
  let pointer = 0;
  return {
    write(bytes) {
      if (bytes.length === 0) return;
      pointer = (bytes[0] ?? 0) & mask;
      const [, first, second] = bytes;
      const row = writable[pointer];
      const isSingle = single.includes(pointer);
      if (!row || first === undefined || (second === undefined && !isSingle)) return;
      const pair = littleEndian ? ((second ?? 0) << 8) | first : (first << 8) | (second ?? 0);
      const value = isSingle ? first : pair;
      held.set(pointer, row.keep ? row.keep(value) : value);
      onWrite?.(pointer, value);
    },
    read(length) {
      const value = fixed[pointer]?.() ?? held.get(pointer) ?? 0xffff;
      if (single.includes(pointer)) return Uint8Array.of(value).slice(0, length);
      const pair = new Uint8Array(Math.min(length, 2));
      pair[littleEndian ? 1 : 0] = value >> 8;
      pair[littleEndian ? 0 : 1] = value;
      return pair;
    },
  };
}
