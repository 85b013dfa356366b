/** ADS1115 codes to volts (Texas Instruments SBAS444, "Data Format"). Pure. */
import { signed16 } from '../big-endian.ts';
import { FULL_SCALE } from './registers.ts';

/** `bytes`: the conversion register; `fullScale`: V. A code is 1/32768 of it. */
export function decodeVoltage(bytes: Uint8Array, fullScale: number): number {
  return (signed16(bytes) / 32_768) * fullScale;
}

/** PGA field of the finest range that can show `volts`; undefined when none can. */
export function rangeFor(volts: number): number | undefined {
  const fitting = FULL_SCALE.filter((fullScale) => fullScale >= volts);
  return fitting.length > 0 ? fitting.length - 1 : undefined;
}
