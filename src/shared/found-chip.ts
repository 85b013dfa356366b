/**
 * What a look at a bus found, as a person needs it: who is not measured yet, and the document that measures it too.
 * Pure. Called by the page and by the command line, so that both add alike.
 */
import type { BusRow, Found, PlainSensor } from './device-scan-calls.ts';
import { MusterError } from './errors.ts';
import { editYaml, readYaml, valueAt } from './yaml-edit.ts';

/** True for what answers, is in nobody's hands, and could be measured by a driver that we know. */
export function isAddable({ chips, heldBy, sensors }: Found): boolean {
  return chips.length > 0 && heldBy === null && sensors.length === 0;
}

/** What a look at a bus brought: `2 chips found, 1 of them not measured yet.`, and what else is to be said of it. */
export function lookText(kind: string, found: readonly Found[], note: string | null): string {
  if (note !== null && found.length === 0) return note;
  const counted = foundText(found, kind.endsWith('mqtt') ? 'device' : 'chip');
  return note === null ? counted : `${counted} ${note}`;
}

function foundText(found: readonly Found[], one: string): string {
  if (found.length === 0) return 'Nobody answers.';
  const many = found.length === 1 ? `1 ${one} found` : `${found.length} ${one}s found`;
  const fresh = found.filter(({ heldBy, sensors }) => heldBy === null && sensors.length === 0).length;
  if (fresh === 0) return `${many}, ${found.length === 1 ? 'measured' : 'all measured'} already.`;
  return `${many}, ${fresh === found.length ? '' : `${fresh} of them `}not measured yet.`;
}

/** Somebody found, and what a person says it is. */
export interface Choice {
  bus: BusRow;
  place: string;
  chip: { driver: string; title: string; options?: Record<string, unknown> | undefined };
}

/**
 * The document that measures what was chosen too: its bus and a sensor are written at the end of their lists, with ids
 * that are free and a name to be changed later. `byItself`: as the device's call `buses`; those are written down first,
 * because a document that names a sensor ends them. Throws REFUSED where a firmware decides what is measured,
 * CONFIG_INVALID for a document that cannot be read.
 */
export function withChips(
  { text, byFirmware }: { text: string; byFirmware: boolean },
  choices: readonly Choice[],
  byItself: readonly PlainSensor[] | null,
): string {
  if (byFirmware) {
    const reason = 'its sensors are those of its firmware, and are added in the firmware project';
    throw new MusterError('REFUSED', reason, { reason });
  }
  const { value, problem } = readYaml(text);
  if (problem) throw new MusterError('CONFIG_INVALID', problem.message, { path: '', line: problem.line });
  let document = text;
  const append = (list: string, value: Record<string, unknown>): void => {
    const rows = valueAt(readYaml(document).value, [list]);
    document = Array.isArray(rows)
      ? editYaml(document, { kind: 'insert', path: [list, rows.length], value })
      : editYaml(document, { kind: 'set', path: [list], value: [value] });
  };
  const has = (list: string, id: string): boolean => {
    const rows = valueAt(readYaml(document).value, [list]);
    return Array.isArray(rows) && rows.some((row) => valueAt(row, ['id']) === id);
  };
  if (valueAt(value, ['version']) === undefined)
    document = editYaml(document, { kind: 'set', path: ['version'], value: 1 });
  if (!Array.isArray(valueAt(value, ['sensors'])))
    for (const { id, name, driver, options } of byItself ?? [])
      append('sensors', { id, name, driver, ...(Object.keys(options).length > 0 && { options }) });
  for (const { bus, place, chip } of choices) {
    if (!bus.configured && !has('buses', bus.bus))
      append('buses', { id: bus.bus, kind: bus.kind, ...(bus.device !== null && { device: bus.device }) });
    let id = chip.driver;
    for (let n = 2; has('sensors', id); n++) id = `${chip.driver}-${n}`;
    const address = /^0x[0-9a-f]{2}$/.test(place) ? Number(place) : null;
    const before = document;
    append('sensors', {
      id,
      name: id === chip.driver ? chip.title : `${chip.title} (${place})`,
      driver: chip.driver,
      bus: bus.bus,
      ...(address === null ? { options: { device: place, ...chip.options } } : { address }),
    });
    if (address !== null) document = withHex(before, document, place);
  }
  return document;
}

/** The number in what `after` has that `before` has not, written as it is printed on boards. */
function withHex(before: string, after: string, place: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  return after.slice(0, at) + after.slice(at).replace(`address: ${Number(place)}`, `address: ${place}`);
}
