/**
 * Which addresses of an I2C bus answer, and which chips are likely there. Asks only what is harmless to any chip: a byte
 * read or an empty write where it is not known who is there, and the identity questions that drivers declare.
 * Refuses: to know a driver; the catalog's rows are handed in. To ask a chip in the middle of its measurement: such an
 * address counts as answered. To wait for ever: a bus that hangs is named. Called by device/host/look-at-bus.ts.
 */
import { MusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Bus } from './bus.ts';

/** What of a driver the scan needs. */
export interface Candidate {
  id: string;
  title: string;
  addresses: readonly number[];
  /** Asks the chip at an address who it is; null where the chip has nothing to tell it by. */
  isThere: ((bus: Bus, address: number) => Promise<boolean>) | null;
}

/** A chip that may be there. `sure`: it said so itself, and no other kind would have said the same. */
export interface Likely {
  driver: string;
  title: string;
  sure: boolean;
}

export interface Found {
  address: number;
  /** In the catalog's order; none where nobody knows a chip for that address. */
  chips: Likely[];
  /** True where a driver of the kernel has the address for itself, so that nobody else may ask. */
  isKernels?: boolean;
}

/** Addresses that are not reserved (UM10204 section 3.1.12). */
const FIRST = 0x08;
const LAST = 0x77;
/**
 * Where an empty write could change something, so that a byte is read instead: EEPROMs and what shares their addresses
 * (i2c-tools, i2cdetect: 0x30 to 0x37 and 0x50 to 0x5f).
 */
function isDelicate(address: number): boolean {
  return (address >= 0x30 && address <= 0x37) || (address >= 0x50 && address <= 0x5f);
}

/** Longest wait for one answer, ms: more than a bus of Linux takes to give up by itself. */
const ANSWER_MS = 3000;
/** Longest look at all addresses, ms. */
const SCAN_MS = 20_000;

/**
 * Looks at every address, one after another. `isInUse`: such a chip is there and is left alone.
 * Rejects with BUS_MISSING when the bus is not there, BUS_STUCK when it hangs or every address seems to answer, TIMEOUT.
 */
export async function scan(
  bus: Bus,
  candidates: readonly Candidate[],
  clock: Clock,
  isInUse: (address: number) => boolean = () => false,
): Promise<Found[]> {
  const questions = new Questions(bus, clock);
  const end = clock.monotonic() + SCAN_MS;
  const found: Found[] = [];
  for (let address = FIRST; address <= LAST; address++) {
    if (clock.monotonic() > end)
      throw new MusterError(
        'TIMEOUT',
        `${bus.id} is slow: there was only time to ask below ${hex(address)}`,
        {
          bus: bus.id,
          ms: SCAN_MS,
        },
      );
    if (isInUse(address)) {
      found.push({ address, chips: [] });
      continue;
    }
    try {
      const here = candidates.filter(({ addresses }) => addresses.includes(address));
      const chips = await questions.ask(address, here);
      if (chips) found.push({ address, chips });
    } catch (error) {
      if (!isKernels(error)) throw error;
      found.push({ address, chips: [], isKernels: true });
    }
  }
  if (found.length === LAST - FIRST + 1 && !found.some(({ chips }) => chips.some(({ sure }) => sure)))
    throw new MusterError(
      'BUS_STUCK',
      `every address of ${bus.id} seems to answer: its data wire is held low, or nothing pulls it up`,
      { bus: bus.id },
    );
  return found;
}

function isKernels(error: unknown): boolean {
  return error instanceof MusterError && error.details['kernels'] === true;
}

class Questions {
  readonly #bus: Bus;
  readonly #clock: Clock;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** What may be at an address, of those that could be; null when nobody answers. */
  async ask(address: number, here: readonly Candidate[]): Promise<Likely[] | null> {
    const agreed: Candidate[] = [];
    for (const candidate of here)
      if (candidate.isThere && (await this.#heard(address, candidate.isThere(this.#bus, address))))
        agreed.push(candidate);
    if (agreed.length === 0 && !(await this.#answers(address))) return null;
    // who says no to a question it should know is not it; who cannot be asked may be, where nobody else says yes
    const likely = agreed.length > 0 ? agreed : here.filter(({ isThere }) => isThere === null);
    const sure = agreed.length === 1;
    return likely.map(({ id, title }) => ({ driver: id, title, sure }));
  }

  async #answers(address: number): Promise<boolean> {
    // some chips answer a read only when they have something to say, others no empty write
    const ways = [
      () => this.#bus.read(address, 1),
      ...(isDelicate(address) ? [] : [() => this.#bus.write(address, new Uint8Array())]),
    ];
    for (const ask of ways)
      if (
        await this.#heard(
          address,
          ask().then(() => true),
        )
      )
        return true;
    return false;
  }

  /** The answer; false where there is none. Rejects for what is not the chip's silence, and when nothing comes back. */
  #heard(address: number, answer: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(ANSWER_MS, () => reject(stuck(this.#bus.id, address)));
      answer
        .catch((error: unknown) => {
          if (error instanceof MusterError && error.code === 'BUS_NACK') return false;
          throw error;
        })
        .finally(cancel)
        .then(resolve, reject);
    });
  }
}

function stuck(bus: string, address: number): MusterError {
  const words = `${bus} hangs: nothing came back from ${hex(address)} in ${ANSWER_MS / 1000} s`;
  return new MusterError('BUS_STUCK', words, { bus, address: hex(address) });
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(2, '0')}`;
}
