/**
 * Keeps the cell true: every piece of a driver's work is announced before it runs, also what follows a wait for the bus
 * or the clock. Where memory is short it also counts under whose work memory grew.
 * Refuses: to judge; the root does, from what is written here. One a host.
 */
import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../../src/shared/time.ts';
import type { AnyBus } from '../bus/any-bus.ts';
import type { Bus } from '../bus/bus.ts';
import type { Driver, OpenSensor } from '../drivers/driver.ts';
import type { Cell } from './cell.ts';

/** Under whom memory grew. */
export interface Growth {
  topSensor: number;
  topBytes: number;
  grownBytes: number;
}

const NO_GROWTH: Growth = { topSensor: 0, topBytes: 0, grownBytes: 0 };

export class Watch {
  readonly #cell: Cell;
  readonly #measure: () => number;
  #now = 0;
  /** True once the driver has given the processor back for certain. */
  #over = false;
  #clearing = false;
  /** Memory when the piece of work now running began; null while nobody looks. */
  #before: number | null = null;
  readonly #grown = new Map<number, number>();
  #growth = NO_GROWTH;

  /** `measure`: heap and buffers now, bytes. */
  constructor(cell: Cell, measure: () => number = heapAndBuffers) {
    this.#cell = cell;
    this.#measure = measure;
  }

  /** From here on sensor `n` runs, until another one does or this turn of the event loop ends. */
  enter(n: number): void {
    this.#over = false;
    if (n !== this.#now) this.#mark(n);
    if (this.#clearing) return;
    this.#clearing = true;
    process.nextTick(this.#clearSoon);
  }

  /** The sensor entered last has given the processor back and has nothing more to do. */
  leave(): void {
    this.#over = true;
  }

  /** After sensors that read at once; after the turn where the last one waits for something, for it may go on in it. */
  readonly #clearSoon = (): void => {
    if (this.#over) this.#clear();
    else setImmediate(this.#clear);
  };

  readonly #clear = (): void => {
    this.#clearing = false;
    if (this.#now !== 0) this.#mark(0);
  };

  /** Begins, or ends, to look under whom memory grows. */
  look(on: boolean): void {
    if (on === (this.#before !== null)) return;
    this.#before = on ? this.#measure() : null;
    if (on) return;
    this.#grown.clear();
    this.#growth = NO_GROWTH;
  }

  /** Growth seen so far. What the collector frees meanwhile is not growth of anybody. */
  get growth(): Growth {
    return this.#growth;
  }

  /** The sum and the most are kept at each piece of work: each beat asks for them. */
  #grew(sensor: number, bytes: number): void {
    const { topSensor, topBytes, grownBytes } = this.#growth;
    const its = (this.#grown.get(sensor) ?? 0) + bytes;
    this.#grown.set(sensor, its);
    const top = its > topBytes ? { topSensor: sensor, topBytes: its } : { topSensor, topBytes };
    this.#growth = { ...top, grownBytes: grownBytes + bytes };
  }

  #mark(n: number): void {
    if (this.#before !== null) {
      const after = this.#measure();
      const grown = after - this.#before;
      if (grown > 0 && this.#now !== 0) this.#grew(this.#now, grown);
      this.#before = after;
    }
    this.#now = n;
    this.#cell.write(n);
  }
}

/** Asked at every piece of work: process.memoryUsage would read a file of the kernel each time. */
function heapAndBuffers(): number {
  const { used_heap_size: heap, external_memory: buffers } = getHeapStatistics();
  return heap + buffers;
}

/** The same driver, its work announced as that of sensor `n`. */
export function watchedDriver(driver: Driver, n: number, watch: Watch): Driver {
  return {
    ...driver,
    channels(context) {
      watch.enter(n);
      return driver.channels(context);
    },
    async open(context) {
      watch.enter(n);
      const watched = {
        ...context,
        bus: context.bus && watchedBus(context.bus, n, watch),
        clock: new WatchedClock(context.clock, n, watch),
      };
      return new WatchedSensor(await driver.open(watched), n, watch);
    },
  };
}

// Classes and not closures: there is one of each for every sensor, and a host may have thousands.

class WatchedSensor implements OpenSensor {
  readonly #sensor: OpenSensor;
  readonly #n: number;
  readonly #watch: Watch;

  constructor(sensor: OpenSensor, n: number, watch: Watch) {
    this.#sensor = sensor;
    this.#n = n;
    this.#watch = watch;
  }

  read(values: Float64Array, quality: Uint8Array): void | Promise<void> {
    this.#watch.enter(this.#n);
    const pending = this.#sensor.read(values, quality);
    if (!pending) this.#watch.leave();
    return pending;
  }

  close(): void {
    this.#watch.enter(this.#n);
    this.#sensor.close?.();
  }
}

class WatchedClock implements Clock {
  readonly #clock: Clock;
  readonly #n: number;
  readonly #watch: Watch;

  constructor(clock: Clock, n: number, watch: Watch) {
    this.#clock = clock;
    this.#n = n;
    this.#watch = watch;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  wall(): number {
    return this.#clock.wall();
  }

  after(ms: number, fn: () => void): () => void {
    return this.#clock.after(ms, () => {
      this.#watch.enter(this.#n);
      fn();
    });
  }
}

class WatchedI2c implements Bus {
  readonly kind = 'i2c';
  readonly #bus: Bus;
  readonly #n: number;
  readonly #watch: Watch;

  constructor(bus: Bus, n: number, watch: Watch) {
    this.#bus = bus;
    this.#n = n;
    this.#watch = watch;
  }

  get id(): string {
    return this.#bus.id;
  }

  write(address: number, bytes: Uint8Array): Promise<void> {
    return resumed(this.#bus.write(address, bytes), this.#n, this.#watch);
  }

  read(address: number, length: number): Promise<Uint8Array> {
    return resumed(this.#bus.read(address, length), this.#n, this.#watch);
  }

  writeRead(address: number, bytes: Uint8Array, length: number): Promise<Uint8Array> {
    return resumed(this.#bus.writeRead(address, bytes, length), this.#n, this.#watch);
  }

  /** Nobody else runs while the driver waits for this. */
  writeReadNow(address: number, bytes: Uint8Array, length: number): Uint8Array | null {
    return this.#bus.writeReadNow?.(address, bytes, length) ?? null;
  }
}

/** The driver goes on right after a transfer. */
async function resumed<T>(transfer: Promise<T>, n: number, watch: Watch): Promise<T> {
  try {
    return await transfer;
  } finally {
    watch.enter(n);
  }
}

function watchedBus(bus: AnyBus, n: number, watch: Watch): AnyBus {
  const back = <T>(transfer: Promise<T>): Promise<T> => resumed(transfer, n, watch);
  const { id } = bus;
  switch (bus.kind) {
    case 'i2c':
      return new WatchedI2c(bus, n, watch);
    case 'spi':
      return { kind: 'spi', id, transfer: (bytes, setup) => back(bus.transfer(bytes, setup)) };
    case 'w1':
      return {
        kind: 'w1',
        id,
        devices: () => back(bus.devices()),
        read: (device, file) => back(bus.read(device, file)),
      };
    case 'gpio':
      return {
        kind: 'gpio',
        id,
        input: (line, setup, onEdge) =>
          back(
            bus.input(line, setup, (active, atMs, sequence) => {
              watch.enter(n);
              onEdge(active, atMs, sequence);
            }),
          ).then((input) => ({ active: () => back(input.active()), close: () => input.close() })),
      };
    case 'serial':
      return {
        kind: 'serial',
        id,
        listen: (onBytes, onGone) =>
          back(
            bus.listen((bytes) => {
              watch.enter(n);
              onBytes(bytes);
            }, onGone),
          ),
      };
    case 'mqtt':
      return {
        kind: 'mqtt',
        id,
        listen: (topics, ear) =>
          back(
            bus.listen(topics, {
              onMessage(...message) {
                watch.enter(n);
                ear.onMessage(...message);
              },
              onGone: (error) => ear.onGone(error),
            }),
          ),
      };
    case 'modbus':
      return {
        kind: 'modbus',
        id,
        read: (...question) => back(bus.read(...question)),
        writeCoil: (...order) => back(bus.writeCoil(...order)),
      };
  }
}
