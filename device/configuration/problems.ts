/** What is wrong with a document beyond its shape: drivers, buses and sensors that it names and that are not there. */
import type { ConfigurationProblem } from '../../src/shared/device-configuration-calls.ts';
import { readDocument } from '../config.ts';
import type { Driver } from '../drivers/driver.ts';
import { problemsOf } from '../sensors/sensors.ts';

/** Most that one answer tells. */
const TOLD = 200;

/** All problems of a document. `own`: drivers that the firmware brings. Loads every driver: never in the root. */
export function problemsOfDocument(text: string, own: readonly Driver[]): ConfigurationProblem[] {
  const { config, problems, lineOf } = readDocument(text);
  const found = problems.map(({ line, path, message }) => ({ line, path, message: message.slice(0, 2000) }));
  const tell = (path: (string | number)[], message: string): void => {
    found.push({ line: lineOf(path), path: path.join('.'), message: message.slice(0, 2000) });
  };
  if (config) {
    const { sensors, buses, outputs, rules } = config;
    for (const [i, wrong] of problemsOf(sensors ?? [], buses, own).entries())
      if (wrong) tell(['sensors', i], wrong.message);
    for (const [i, { bus, kind }] of outputs.entries()) {
      const known = buses.find(({ id }) => id === bus);
      if (!known) tell(['outputs', i, 'bus'], `there is no bus "${bus}"`);
      else if ((kind === 'modbus-coil') !== known.kind.includes('modbus'))
        tell(['outputs', i, 'bus'], `"${bus}" is of kind ${known.kind}: it has no ${kind} output`);
    }
    const readable = new Set([...(sensors ?? []), ...outputs].map(({ id }) => id));
    for (const [i, { when }] of rules.entries())
      // without a list of sensors the machine's own are there, whatever they are
      if (when && sensors && !readable.has(when.sensor))
        tell(['rules', i, 'when', 'sensor'], `there is no sensor "${when.sensor}"`);
  }
  return found.slice(0, TOLD);
}
