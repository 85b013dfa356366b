/** `muster scan`: who hangs on the buses of a device, and adding to its configuration whom nobody measures yet. */
import type { Engine } from '../../core/engine.ts';
import type { BusRow, BusScan, PlainSensor } from '../../shared/device-scan-calls.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { errorToWire, MusterError } from '../../shared/errors.ts';
import { isAddable, withChips, type Choice } from '../../shared/found-chip.ts';
import { diffLines, diffText } from '../../shared/line-diff.ts';
import { consent } from '../ask.ts';
import { followJob } from '../follow-job.ts';
import type { CommandContext } from '../main.ts';
import { scanText, type LookedAt } from '../scan-text.ts';
import { withDevice } from '../with-device.ts';

export interface ScanOptions {
  /** `PLACE` or `PLACE=DRIVER`. */
  add?: string[];
  yes?: boolean;
}

/** Prints who answers on one bus of `host`, or on all; with `add` has the device try a configuration that measures them. */
export function scan(
  context: CommandContext,
  host: string,
  bus: string | undefined,
  { add = [], yes = false }: ScanOptions,
): Promise<void> {
  return withDevice(
    context,
    host,
    async (engine, device) => {
      const { buses, byItself } = await engine.handlers['scan.buses']({ device: device.id });
      const looks = await lookAt(engine, device, bus === undefined ? buses : [bus]);
      if (add.length > 0) return addTo(engine, device, { context, looks, byItself, add, yes });
      const fresh = looks.flatMap(({ found }) => found.filter(isAddable));
      context.output.result({ device: device.name, buses: looks }, scanText(device.name, looks));
      const [first] = fresh;
      if (first)
        context.output.line(
          `\nTo measure one too: muster scan ${host} --add ${first.place}=${first.chips[0]?.driver}`,
        );
    },
    { quiet: add.length > 0 },
  );
}

/** One after another. A bus that a person named fails the command; of all of them each fails for itself. */
async function lookAt(
  engine: Engine,
  { id: device }: DeviceRecord,
  buses: readonly (BusRow | string)[],
): Promise<LookedAt[]> {
  const looks: LookedAt[] = [];
  for (const bus of buses) {
    if (typeof bus === 'string') looks.push(lookedAt(await engine.handlers['scan.bus']({ device, bus })));
    else
      try {
        looks.push(lookedAt(await engine.handlers['scan.bus']({ device, bus: bus.bus })));
      } catch (thrown) {
        looks.push({ ...bus, found: [], note: null, error: errorToWire(thrown) });
      }
  }
  return looks;
}

function lookedAt({ bus, found, note }: BusScan): LookedAt {
  return { ...bus, found, note, error: null };
}

interface Addition {
  context: CommandContext;
  looks: readonly LookedAt[];
  byItself: readonly PlainSensor[] | null;
  add: readonly string[];
  yes: boolean;
}

async function addTo(
  engine: Engine,
  device: DeviceRecord,
  { context, looks, byItself, add, yes }: Addition,
): Promise<void> {
  const choices = add.map((wanted) => choose(looks, wanted));
  const state = await engine.handlers['config.get']({ device: device.id });
  const text = withChips(state, choices, byItself);
  context.output.line(`${device.name}:\n${diffText(diffLines(state.text, text)) ?? ''}`);
  await consent(`Restart ${device.name} into this configuration?`, yes);
  const { job } = await engine.handlers['config.apply']({ device: device.id, text, base: state.hash });
  const { result } = await followJob(engine, job, context.output);
  const note = result?.['note'] === undefined ? null : String(result['note']);
  const names = choices.map(({ place, chip }) => `${chip.title} at ${place}`).join(', ');
  context.output.result(
    {
      device: device.name,
      added: choices.map(({ bus, place, chip }) => ({ bus: bus.bus, place, driver: chip.driver })),
      note,
    },
    `${device.name} measures ${names}${note === null ? '' : `; ${note}`}.`,
  );
}

/** What `PLACE` or `PLACE=DRIVER` means. Throws BAD_INPUT that says what there is. */
function choose(looks: readonly LookedAt[], wanted: string): Choice {
  const [place = '', driver] = wanted.split('=');
  const no = (why: string) => new MusterError('BAD_INPUT', why, { field: '--add', value: wanted });
  const here = looks.flatMap((bus) =>
    bus.found.filter((row) => row.place === place).map((row) => ({ bus, row })),
  );
  const [one, another] = here;
  const unseen = looks.flatMap(({ bus, error }) => (error ? [bus] : []));
  if (!one)
    throw no(
      `nobody answers at ${place}${unseen.length > 0 ? `; ${unseen.join(', ')} could not be looked at` : ''}`,
    );
  if (another)
    throw no(
      `${place} is on more than one bus: name the bus, as ${here.map(({ bus }) => bus.bus).join(' or ')}`,
    );
  const { bus, row } = one;
  const [sensor] = row.sensors;
  if (sensor) throw no(`${place} is measured already, as ${sensor.sensor}`);
  if (row.heldBy !== null) throw no(`${place} is in the hands of ${row.heldBy}`);
  if (driver !== undefined) {
    const known = row.chips.find((chip) => chip.driver === driver);
    // a person may know better than the table
    return { bus, place, chip: { driver, title: known?.title ?? driver, options: known?.options } };
  }
  const [chip, other] = row.chips;
  if (!chip) throw no(`it is not known what is at ${place}: say it, as ${place}=DRIVER`);
  if (other)
    throw no(
      `at ${place} may be ${row.chips.map((may) => may.driver).join(' or ')}: say which, as ${place}=${chip.driver}`,
    );
  return { bus, place, chip: { driver: chip.driver, title: chip.title, options: chip.options } };
}
