/**
 * What a person may do to the running tree: restart a branch, take a sensor out, put it back, leave safe mode.
 * Owns: the refusals, and that what was taken out stays out. Refuses: to touch what the caller's own connection hangs
 * on. Called by control for each such call; the supervisors do the work.
 */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Life } from '../mode/life.ts';
import type { Supervisor } from '../otp/supervisor.ts';
import { administer } from './branch.ts';
import type { TakenOut } from './taken-out.ts';

export interface AdministrationParts {
  root: () => Supervisor | null;
  life: Life;
  clock: Clock;
  takenOut: TakenOut;
  /** Ids of the configured sensors. */
  sensors: ReadonlySet<string>;
}

/** Path of the drivers' branch below the root. */
export const SENSORS = 'sensors';
const CONTROL = 'control';

/** How long a starting branch may take to show its sensors, ms. */
const SOON_MS = 10_000;
/** Why a sensor stands still, where no fault is the cause. */
export const TAKEN_OUT = 'taken out by a person';

export class Administration {
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  /** The tree, and what only the administration knows of it: which rows are sensors, and why something stands still. */
  rows(): TreeRow[] {
    const root = this.#parts.root();
    if (!root) return [];
    const branch = `${root.path}/${SENSORS}`;
    const { life, sensors, takenOut } = this.#parts;
    const rows: TreeRow[] = [];
    for (const row of root.rows()) {
      const sensor = row.path.slice(row.path.lastIndexOf('/') + 1);
      const isSensor = row.kind === 'worker' && sensors.has(sensor) && row.path.startsWith(`${branch}/`);
      if (isSensor) rows.push(takenOut.sensors.has(sensor) ? out(row, sensor) : { ...row, sensor });
      else if (row.path !== branch || life.reason === null) rows.push(row);
      else {
        rows.push({ ...row, lastCause: `safe mode: ${life.reason}` });
        for (const id of sensors) {
          const off: TreeRow = {
            ...row,
            path: `${branch}/${id}`,
            kind: 'worker',
            lastCause: 'off in safe mode',
          };
          rows.push(takenOut.sensors.has(id) ? out(off, id) : { ...off, sensor: id });
        }
      }
    }
    return rows;
  }

  /**
   * Stops the child at a path of the tree (`muster/sensors/air`), with all below it, and starts it again.
   * Throws REFUSED {field, value, reason} when there is none, when it is the root or control, or is kept from running.
   */
  async restartBranch(path: string): Promise<void> {
    const root = this.#root();
    const row = this.rows().find((row) => row.path === path);
    if (!row) throw refusal('path', path, 'there is nothing at this path of the tree');
    if (path === root.path)
      throw refusal('path', path, 'this is the whole daemon: restart its service on the device instead');
    if (path === `${root.path}/${CONTROL}`)
      throw refusal(
        'path',
        path,
        'this very call comes through it: restart the service on the device instead',
      );
    const isDriver = `${path}/`.startsWith(`${root.path}/${SENSORS}/`);
    if (isDriver && this.#parts.life.mode === 'safe')
      throw refusal('path', path, 'the drivers are off in safe mode: leave safe mode first');
    if (row.takenOut) throw refusal('path', path, 'this sensor was taken out: put it back instead');
    const below = path.slice(root.path.length + 1);
    await administer(root, below, 'stop');
    await administer(root, below, 'start');
  }

  /** Stops a sensor for good, over restarts too, until it is put back. Throws REFUSED {field, value, reason}. */
  async takeOut(sensor: string): Promise<void> {
    this.#known(sensor);
    if (this.#parts.takenOut.sensors.has(sensor)) throw refusal('sensor', sensor, 'it was taken out before');
    this.#root();
    this.#parts.takenOut.add(sensor);
    const below = await this.#pathSoon(sensor);
    if (below !== null) await administer(this.#root(), below, 'stop');
  }

  /** Starts a sensor again that was taken out. In safe mode it starts when that is left. Throws REFUSED {field, value, reason}. */
  async putBack(sensor: string): Promise<void> {
    this.#known(sensor);
    if (!this.#parts.takenOut.sensors.has(sensor)) throw refusal('sensor', sensor, 'it was not taken out');
    this.#parts.takenOut.delete(sensor);
    const below = await this.#pathSoon(sensor);
    if (below !== null) await administer(this.#root(), below, 'start');
  }

  /** Starts the drivers. Throws REFUSED {reason} in normal mode. */
  async leaveSafeMode(): Promise<void> {
    if (this.#parts.life.mode === 'normal') throw refusal('mode', 'normal', 'it is not in safe mode');
    this.#parts.life.leaveSafeMode();
    await administer(this.#root(), SENSORS, 'start');
  }

  #root(): Supervisor {
    const root = this.#parts.root();
    if (!root) throw new MusterError('CLOSED', 'the tree is still being started', {});
    return root;
  }

  #known(sensor: string): void {
    if (!this.#parts.sensors.has(sensor))
      throw refusal('sensor', sensor, 'no sensor of this name is configured');
  }

  /**
   * Where a sensor hangs, wherever its drivers run. A branch that is just being started may not know yet that a sensor
   * was taken out, nor show it: it is waited for. Null when it hangs nowhere: its start will look who is taken out.
   */
  async #pathSoon(sensor: string): Promise<string | null> {
    const { clock, life } = this.#parts;
    const end = clock.monotonic() + SOON_MS;
    while (life.mode === 'normal' && clock.monotonic() < end) {
      const path = this.#pathOf(sensor);
      if (path !== null) return path;
      await new Promise<void>((resolve) => clock.after(SOON_MS / 100, resolve));
    }
    return null;
  }

  #pathOf(sensor: string): string | null {
    const root = this.#root();
    const row = this.rows().find((row) => row.sensor === sensor);
    return row ? row.path.slice(root.path.length + 1) : null;
  }
}

function out(row: TreeRow, sensor: string): TreeRow {
  return { ...row, sensor, takenOut: true, lastCause: TAKEN_OUT };
}

function refusal(field: string, value: string, reason: string): MusterError {
  return new MusterError('REFUSED', `${value}: ${reason}`, { field, value, reason });
}
