/** The line that simulated power monitors look at: a battery of 12 V and what hangs on it, over a shunt of 0.1 Ω. */
import { clampRound, type World } from './sim-chip.ts';

export const LINE_WORLD = {
  voltage: { mean: 12.6, swing: 0.4, noise: 0.004 },
  current: { mean: 0.4, swing: 0.3, noise: 0.002 },
};

const SHUNT_OHM = 0.1;

/** The shunt's register: so many steps a volt, to ±`limit`. */
export function shuntRegister(world: World, perVolt: number, limit: number): number {
  return clampRound(world.now('current') * SHUNT_OHM * perVolt, -limit, Math.min(limit, 32_767)) & 0xffff;
}
