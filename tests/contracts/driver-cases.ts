/** What the driver contract holds each driver to: low, middle and high of every channel, and what its chip can notice. */
import type { ContractCase } from './driver-contract.ts';

export const CASES: Record<string, ContractCase> = {
  tmp102: { channels: { temperature: { world: 'temperature', values: [-40, 21.5, 125], within: 0.032 } } },
  bme280: {
    channels: {
      temperature: { world: 'temperature', values: [-40, 25.08, 85], within: 0.011 },
      humidity: { world: 'humidity', values: [0, 45.5, 100], within: 0.05 },
      pressure: { world: 'pressure', values: [30_000, 101_325, 110_000], within: 2 },
    },
  },
  bh1750: { channels: { light: { world: 'light', values: [0, 400, 54_612], within: 0.5 } } },
};
