/** The engine's calls about buses, over one bus with chips of which the first is measured already. */
import type { BusScan } from '../../src/shared/device-scan-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { EngineContract } from '../../src/shared/engine-contract.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import type { scanCalls } from '../../src/shared/scan-calls.ts';

const BUS: BusScan['bus'] = { bus: 'i2c-1', kind: 'i2c', device: '/dev/i2c-1', configured: true };

/** Chips at a device's only bus. */
const FOUND: BusScan['found'] = [
  {
    place: '0x48',
    chips: [
      { driver: 'tmp102', title: 'TMP102 temperature', sure: false },
      { driver: 'tmp105', title: 'TMP105 temperature', sure: false },
    ],
    heldBy: null,
    sensors: [],
  },
  { place: '0x68', chips: [], heldBy: 'a driver of the kernel', sensors: [] },
  { place: '0x76', chips: [], heldBy: null, sensors: [{ sensor: 'air', name: 'Air', driver: 'bme280' }] },
];

export function fakeScan(): Pick<Handlers<EngineContract>, keyof typeof scanCalls> {
  return {
    'scan.buses': () => ({ buses: [BUS], byItself: null }),
    'scan.bus'({ bus }) {
      if (bus !== BUS.bus) throw new MusterError('BUS_MISSING', `there is no bus ${bus}`, { bus });
      return { bus: BUS, found: FOUND, note: null };
    },
  };
}
