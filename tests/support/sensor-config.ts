/** A device's configuration with any number of simulated sensors, as its file holds it. */

export interface BenchSensors {
  sensors: number;
  periodMs: number;
  /** Physical buses, each with four chips: TMP102 has four addresses (SBOS397 table 7-6). */
  buses: number;
}

const ADDRESSES = [0x48, 0x49, 0x4a, 0x4b];

/** The document: sensors in turn on the buses and addresses. JSON is YAML. */
export function benchConfig({ sensors, periodMs, buses }: BenchSensors): string {
  return JSON.stringify({
    version: 1,
    buses: Array.from({ length: buses }, (_, bus) => ({
      id: `bus-${bus}`,
      kind: 'sim',
      chips: ADDRESSES.map((address) => ({ chip: 'tmp102', address, seed: bus * 4 + address })),
    })),
    sensors: Array.from({ length: sensors }, (_, n) => ({
      id: `sensor-${n}`,
      driver: 'tmp102',
      bus: `bus-${n % buses}`,
      address: ADDRESSES[Math.floor(n / buses) % ADDRESSES.length],
      periodMs,
    })),
  });
}
