/**
 * The inside of a host: its sensors under a supervisor of their own, readings collected and sent, a beat as long as the
 * event loop turns. Refuses: to decide about itself; a fault that the supervisor cannot hold ends the host, and the
 * root starts it anew. Loaded in hosts only, for this is where the drivers are. Called by host-program.ts, and by
 * host-link.ts where a host runs inline.
 */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import type { BusLook } from '../../src/shared/device-scan-calls.ts';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import { administer } from '../administration/branch.ts';
import { busMissing } from '../bus/bus.ts';
import type { Driver } from '../drivers/driver.ts';
import { ownDriver } from '../drivers/own-drivers.ts';
import { startSupervisor, type Supervisor } from '../otp/supervisor.ts';
import { Ticker } from '../otp/ticker.ts';
import { PATIENCE } from '../patience.ts';
import { deviceClock } from '../platform/device-clock.ts';
import { openMachine } from '../platform/machine.ts';
import { createBuses, type Buses } from '../sensors/buses.ts';
import type { SensorOutlet } from '../sensors/sensor-actor.ts';
import { sensorChildren } from '../sensors/sensors.ts';
import type { Cell } from './cell.ts';
import { ColumnSender, SEND_EVERY_MS } from './columns.ts';
import { lookAtBus } from './look-at-bus.ts';
import { beatMessage, fromRoot, wordMessage, type HostPlan, type Order, type Word } from './messages.ts';
import { Watch, watchedDriver } from './watch.ts';

export interface HostBodyParts {
  pipe: Pipe;
  cell: Cell;
  catalog: readonly Driver[];
  /** Memory of this host now, bytes. */
  memoryBytes: () => number;
  /** Processor time that this host has used, µs; what else its process does is not its own. */
  cpuUs: () => NodeJS.CpuUsage;
  /** Called when all is stopped and sent. */
  leave: () => void;
}

/** From this share of its memory on a host looks which sensor takes it, and from half of what is left when it has settled. */
const LOOK_FROM = 0.5;
/** By then every sensor has been set up, ms. */
const SETTLED_MS = 5000;
/** Rows are looked at this often for changes, ms; less often where there are so many that it takes long. */
const ROWS_EVERY_MS = 250;
/** Looking may take this share of the host's time. */
const ROWS_SHARE = 0.003;

/** Runs a host until it is told to stop or its root is gone. */
export function runHost({ pipe, cell, catalog, memoryBytes, cpuUs, leave }: HostBodyParts): void {
  const clock = deviceClock;
  const watch = new Watch(cell);
  const takenOut = new Set<string>();
  const sender = new ColumnSender((message) => pipe.send(message));
  const say = (word: Word): void => pipe.send(wordMessage(word));
  const log: Log = (level, message, fields) => say({ word: 'log', level, message, fields: fields ?? null });
  let supervisor: Supervisor | null = null;
  let stopped = false;
  const timers: NodeJS.Timeout[] = [];
  let rows = (): void => {};
  /** Ours, then the firmware's own as they are needed. */
  const drivers = [...catalog];
  let loadOwn = async (): Promise<void> => {};
  /** Null until the plan is there. */
  let planned: { plan: HostPlan; buses: Buses } | null = null;
  /** Sensors whose last reading was one. */
  const measuring = new Set<string>();
  const outlet: SensorOutlet = {
    ...sender.outlet,
    report(state) {
      if (state.state === 'ok') measuring.add(state.sensor);
      else measuring.delete(state.sensor);
      sender.outlet.report(state);
    },
  };

  function stop(): void {
    if (stopped) return;
    stopped = true;
    for (const timer of timers) clearInterval(timer);
    leave();
  }

  /** Those of the firmware's own drivers that the plan names. Loading one runs it, so the cell says for which sensor. */
  async function loadOwnDrivers(plan: HostPlan): Promise<void> {
    for (const [i, sensor] of plan.sensors.entries()) {
      if (takenOut.has(sensor.id) || drivers.some(({ id }) => id === sensor.driver)) continue;
      cell.write(i + 1);
      const own = await ownDriver(plan.drivers, sensor.driver, clock);
      cell.write(0);
      if (own) drivers.push(own);
    }
  }

  async function begin(plan: HostPlan): Promise<void> {
    for (const sensor of plan.leftOut) takenOut.add(sensor);
    const begunAt = clock.monotonic();
    let beatenAt = begunAt;
    let lookFromBytes = LOOK_FROM * plan.memoryBytes;
    let isSettled = false;
    const beat = (): void => {
      beatenAt = clock.monotonic();
      const bytes = memoryBytes();
      if (!isSettled && beatenAt - begunAt >= SETTLED_MS) {
        isSettled = true;
        // looking costs time at each piece of work: not for what all sensors together take anyway
        lookFromBytes = Math.max(lookFromBytes, (bytes + plan.memoryBytes) / 2);
      }
      watch.look(bytes >= lookFromBytes);
      const { user, system } = cpuUs();
      pipe.send(beatMessage({ memoryBytes: bytes, cpuMs: (user + system) / 1000, ...watch.growth }));
    };
    timers.push(setInterval(beat, plan.beatMs));
    const machine = openMachine(plan.prefix);
    const buses = createBuses(plan.buses, machine, clock, plan.prefix);
    planned = { plan, buses };
    loadOwn = () => loadOwnDrivers(plan);
    await loadOwn();
    if (stopped) return;
    const children = sensorChildren({
      sensors: plan.sensors,
      buses,
      machine,
      ticker: new Ticker(clock),
      outlet,
      isTakenOut: (sensor) => takenOut.has(sensor),
      catalog: drivers,
      spreadMs: plan.spreadMs,
      wrap(driver, n) {
        // thousands of sensors are made in one turn of the event loop, which is no silence
        if (clock.monotonic() - beatenAt >= plan.beatMs) beat();
        return watchedDriver(driver, n + 1, watch);
      },
    });
    supervisor = await startSupervisor({ ...PATIENCE, children }, { path: plan.path, clock, log });
    rows = changedRows(supervisor, say);
    timers.push(setInterval(() => sender.send(), SEND_EVERY_MS));
    const lookAtRows = (): void => {
      if (stopped) return;
      const begun = clock.monotonic();
      rows();
      clock.after(Math.max(ROWS_EVERY_MS, (clock.monotonic() - begun) / ROWS_SHARE), lookAtRows);
    };
    lookAtRows();
    void supervisor.exited.then(() => {
      if (stopped) return;
      sender.send();
      rows();
      stop();
    });
  }

  /** Rejects as lookAtBus does. */
  async function look(id: string): Promise<BusLook> {
    const bus = planned?.buses.find(id) ?? busMissing(id);
    if (!planned || bus instanceof MusterError) throw bus;
    const { sensors } = planned.plan;
    return lookAtBus(bus, { sensors, drivers, clock, measures: (sensor) => measuring.has(sensor) });
  }

  async function obey(order: Order): Promise<void> {
    switch (order.order) {
      case 'begin':
        return begin(order.plan);
      case 'stop':
        if (supervisor) supervisor.shutdown();
        else stop();
        return;
      case 'administer': {
        const { id, path, deed } = order;
        takenOut.delete(path);
        try {
          await loadOwn();
          if (supervisor) await administer(supervisor, path, deed);
          // whoever is told that it is done finds the tree so
          rows();
          say({ word: 'done', id, error: null });
        } catch (error) {
          say({ word: 'done', id, error: errorToWire(error) });
        }
        return;
      }
      case 'look':
        try {
          say({ word: 'seen', id: order.id, look: await look(order.bus) });
        } catch (error) {
          say({ word: 'done', id: order.id, error: errorToWire(error) });
        }
    }
  }

  pipe.onMessage((message) => void obey(fromRoot(message)));
  // the root is gone: nobody takes what is read here
  pipe.onClose(stop);
  say({ word: 'ready' });
}

/** Says which rows below the supervisor changed since it was called last. */
function changedRows(supervisor: Supervisor, say: (word: Word) => void): () => void {
  let said: TreeRow[] = [];
  return () => {
    const rows = supervisor.rows().slice(1);
    const changed: [number, TreeRow][] = [];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as TreeRow;
      if (row !== said[i] && !same(row, said[i])) changed.push([i, row]);
    }
    if (changed.length > 0 || rows.length !== said.length)
      say({ word: 'rows', count: rows.length, rows: changed });
    said = rows;
  };
}

function same(row: TreeRow, other: TreeRow | undefined): boolean {
  return (
    other !== undefined &&
    row.path === other.path &&
    row.state === other.state &&
    row.restarts === other.restarts &&
    row.restartsInWindow === other.restartsInWindow &&
    row.lastCause === other.lastCause &&
    (row.nextAttemptMs === null) === (other.nextAttemptMs === null)
  );
}
