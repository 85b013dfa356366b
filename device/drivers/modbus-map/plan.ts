/** Which questions bring all values of a map: neighbours come in one. Pure. */
import { isBits, MOST, type ModbusTable } from '../../bus/modbus/pdu.ts';

/** Where a value stands: `count` registers, or one bit, from `address` on. */
export interface Place {
  table: ModbusTable;
  address: number;
  count: number;
}

/** One question, and which of the values it brings (their places in the list that was planned). */
export interface Question extends Place {
  brings: number[];
}

/** `gap`: registers between two values that may be read along. `most`: registers that one question may ask for. */
export function planQuestions(
  places: readonly Place[],
  { gap, most }: { gap: number; most: number },
): Question[] {
  const questions: Question[] = [];
  const inOrder = places
    .map((place, i) => ({ ...place, i }))
    .toSorted((a, b) => a.table.localeCompare(b.table) || a.address - b.address);
  for (const { table, address, count, i } of inOrder) {
    const last = questions.at(-1);
    const limit = isBits(table) ? MOST[table] : most;
    const end = last ? last.address + last.count : 0;
    const joined = last ? Math.max(end, address + count) - last.address : 0;
    if (last?.table === table && address <= end + gap && joined <= limit) {
      last.count = joined;
      last.brings.push(i);
    } else questions.push({ table, address, count, brings: [i] });
  }
  return questions;
}
