/**
 * Which addresses of an I2C bus answer, and which chips are likely there. Asks only what is harmless to any chip: a byte
 * read or an empty write where it is not known who is there, and the identity questions that drivers declare.
 * Refuses: to know a driver; the catalog's rows are handed in. A chip in use may answer nothing while it measures: scan
 * within the process of the bus, or count such an address as answered.
 */
import { MusterError } from '../../src/shared/errors.ts';
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

/** Looks at every address, one after another. Rejects when the bus itself is not there. */
export async function scan(bus: Bus, candidates: readonly Candidate[]): Promise<Found[]> {
  const found: Found[] = [];
  for (let address = FIRST; address <= LAST; address++) {
    const here = candidates.filter(({ addresses }) => addresses.includes(address));
    const agreed: Candidate[] = [];
    for (const candidate of here)
      if (candidate.isThere && (await said(candidate.isThere(bus, address)))) agreed.push(candidate);
    if (agreed.length === 0 && !(await answers(bus, address))) continue;
    // who says no to a question it should know is not it; who cannot be asked may be, where nobody else says yes
    const likely = agreed.length > 0 ? agreed : here.filter(({ isThere }) => isThere === null);
    const sure = agreed.length === 1;
    found.push({ address, chips: likely.map(({ id, title }) => ({ driver: id, title, sure })) });
  }
  return found;
}

async function answers(bus: Bus, address: number): Promise<boolean> {
  // some chips answer a read only when they have something to say, others no empty write
  const ways = [
    () => bus.read(address, 1),
    ...(isDelicate(address) ? [] : [() => bus.write(address, new Uint8Array())]),
  ];
  for (const ask of ways) if (await said(ask().then(() => true))) return true;
  return false;
}

/** The answer; false where there is none. Rejects for what is not the chip's silence. */
async function said(answer: Promise<boolean>): Promise<boolean> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof MusterError && error.code === 'BUS_NACK') return false;
    throw error;
  }
}
