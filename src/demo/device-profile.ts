/**
 * What makes virtual devices differ: places, boards and what their chips feel. Pure; a number gives the same profile
 * each time. Owns: every made-up fact about the world. Called by device-folder.ts and virtual-device.ts.
 */

/** Mean, half the span, standard deviation of the noise (unit of the quantity) and seconds of one wave. */
export interface Wave {
  mean: number;
  swing: number;
  noise: number;
  periodS: number;
}

/** A place with its climate: Cel, %RH, lx. */
interface Place {
  name: string;
  temperature: [mean: number, swing: number];
  humidity: [mean: number, swing: number];
  light: [mean: number, swing: number];
}

const PLACES: readonly [Place, ...Place[]] = [
  { name: 'greenhouse', temperature: [24.5, 3.2], humidity: [71, 9], light: [11_800, 5200] },
  { name: 'pump-house', temperature: [16.2, 1.4], humidity: [63, 6], light: [180, 140] },
  { name: 'cold-store', temperature: [4.1, 0.9], humidity: [86, 4], light: [35, 30] },
  { name: 'boiler-room', temperature: [31.4, 4.6], humidity: [34, 5], light: [240, 120] },
  { name: 'weather-mast', temperature: [12.7, 4.1], humidity: [58, 14], light: [21_000, 12_000] },
  { name: 'barn', temperature: [14.8, 2.3], humidity: [67, 8], light: [900, 620] },
  { name: 'cistern', temperature: [9.6, 0.6], humidity: [93, 3], light: [12, 9] },
  { name: 'workshop', temperature: [20.9, 1.8], humidity: [46, 5], light: [640, 260] },
];

const BOARDS = [
  { model: 'Raspberry Pi 4 Model B (virtual)', system: 'Debian GNU/Linux 12 (bookworm)', warmth: 48.5 },
  { model: 'Raspberry Pi 5 (virtual)', system: 'Debian GNU/Linux 13 (trixie)', warmth: 55.2 },
  { model: 'Raspberry Pi 3 Model B Plus (virtual)', system: 'Debian GNU/Linux 12 (bookworm)', warmth: 51.8 },
  { model: 'Raspberry Pi Zero 2 W (virtual)', system: 'Debian GNU/Linux 12 (bookworm)', warmth: 42.6 },
] as const;

export interface DeviceProfile {
  /** Host name and instance name: `greenhouse-1`. */
  name: string;
  model: string;
  /** PRETTY_NAME of os-release. */
  system: string;
  /** Mean temperature of the board's processor, Cel. */
  warmth: number;
  temperature: Wave;
  humidity: Wave;
  pressure: Wave;
  light: Wave;
  /** Second, quick thermometer at the cable's end. */
  probe: Wave;
  /** True where it has outputs and a rule: the first device, so that there is always one. */
  acts: boolean;
}

/** Profile of device `number`, from 1. Waves last minutes, so that a chart shows life while somebody looks. */
export function deviceProfile(number: number): DeviceProfile {
  const at = number - 1;
  const place = PLACES[at % PLACES.length] ?? PLACES[0];
  const board = BOARDS[at % BOARDS.length] ?? BOARDS[0];
  // Two devices in one kind of place differ a little, and no two waves march in step.
  const round = Math.floor(at / PLACES.length);
  const pace = 1 + (at % 7) * 0.13;
  const [mean, swing] = place.temperature;
  const wave = (of: [number, number], noise: number, periodS: number): Wave => ({
    mean: of[0],
    swing: of[1],
    noise,
    periodS: Math.round(periodS * pace),
  });
  return {
    name: `${place.name}-${number}`,
    model: board.model,
    system: board.system,
    warmth: board.warmth,
    temperature: wave([round1(mean + round * 0.7), swing], 0.03, 300),
    humidity: wave(place.humidity, 0.15, 420),
    pressure: wave([101_180 + (at % 5) * 45, 120], 2, 900),
    light: wave(place.light, 3, 240),
    probe: wave([round1(mean + round * 0.7 - 0.6), round1(swing * 0.8)], 0.05, 90),
    acts: number === 1,
  };
}

/** Digits of a processor's temperature as `thermal_zone0/temp` has them (thousandths of Cel, always five digits). */
export function processorTemperature(profile: DeviceProfile, seconds: number): string {
  const wander = 3.1 * Math.sin(seconds / 41) + 1.4 * Math.sin(seconds / 7.3) + 0.3 * Math.sin(seconds * 2.9);
  return String(Math.round((profile.warmth + wander) * 1000));
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
