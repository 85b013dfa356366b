/** A configuration for another device than the one it was made on. Pure; called by the page and by the command line. */
import { editYaml, readYaml, valueAt } from './yaml-edit.ts';

/** What belongs to one box: how it is called, and how it is announced. */
const OWN = ['name', 'announce'];

/** `text` for the device that has `present`: name and announcement stay its own. A text that cannot be read stays. */
export function copyFor(text: string, present: string): string {
  const own = readYaml(present);
  return OWN.reduce((copy, key) => {
    const value = own.problem ? undefined : valueAt(own.value, [key]);
    if (value !== undefined) return editYaml(copy, { kind: 'set', path: [key], value });
    const has = valueAt(readYaml(copy).value, [key]) !== undefined;
    return has ? editYaml(copy, { kind: 'delete', path: [key] }) : copy;
  }, text);
}
