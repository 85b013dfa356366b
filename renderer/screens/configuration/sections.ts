/** The document in the parts that a technician thinks in. Pure. */
import type { Field, Member } from './form-field.ts';

export interface Section {
  id: string;
  title: string;
  members: Member[];
}

/** Which keys of the document stand together; what a newer daemon has besides stands in the last. */
const PARTS: [id: string, title: string, keys: string[]][] = [
  ['sensors', 'Sensors', ['sensors']],
  ['buses', 'Buses', ['buses']],
  ['outputs', 'Outputs', ['outputs', 'interlocks']],
  ['rules', 'Rules', ['rules', 'timeZone']],
  ['sending', 'Sending', ['publishers']],
  ['recording', 'Recording', ['journal']],
  ['device', 'Device', ['name', 'announce', 'hosts', 'firmware']],
];
/** The version of the document is not for people to choose. */
const LEFT_OUT = new Set(['version']);

/** Sections that the schema has something for, in order. */
export function sectionsOf({ shape }: Field): Section[] {
  if (shape.kind !== 'group') return [];
  const named = new Set(PARTS.flatMap(([, , keys]) => keys));
  const rest = shape.members.filter(({ key }) => !named.has(key) && !LEFT_OUT.has(key));
  return PARTS.map(([id, title, keys], i): Section => {
    const own = keys.flatMap((key) => shape.members.find((member) => member.key === key) ?? []);
    return { id, title, members: i === PARTS.length - 1 ? [...own, ...rest] : own };
  }).filter(({ members }) => members.length > 0);
}

/** Section in which a problem at `path` (`sensors.0.bus`) is shown; null: only in the text. */
export function sectionOf(sections: readonly Section[], path: string): Section | null {
  const [key] = path.split('.');
  return sections.find(({ members }) => members.some((member) => member.key === key)) ?? null;
}
