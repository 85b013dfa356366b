/** The fleet in counts, and what there is to do about it. Pure. */
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { deviceState, type Tone } from '../../text/device-state.ts';
import { formatCount, formatNames } from '../../text/format.ts';

export interface FleetCount {
  tone: Tone;
  count: number;
  word: string;
}

/** One thing a person could do now. `install`: bare devices. `open`: a device that wants to be looked at. */
export interface ToDo {
  kind: 'install' | 'open';
  devices: string[];
  sentence: string;
  action: string;
}

/** More devices in trouble than this are counted, not listed. */
const LISTED = 5;

function isBare(device: DeviceRecord): boolean {
  return !device.installed && device.kind !== 'nerves' && device.presence !== 'offline';
}

/** Counts by state, largest concern last, without the zeros. */
export function fleetCounts(devices: DeviceRecord[], now: number): FleetCount[] {
  const tones = devices.map((device) => deviceState(device, now).tone);
  const count = (tone: Tone) => tones.filter((each) => each === tone).length;
  const offline = devices.filter(
    (device) => device.presence === 'offline' && device.link.state !== 'refused',
  ).length;
  const all: FleetCount[] = [
    { tone: 'good', count: count('good'), word: 'live' },
    { tone: 'unknown', count: count('unknown'), word: 'not connected' },
    { tone: 'attention', count: count('attention'), word: 'need attention' },
    { tone: 'bad', count: count('bad') - offline, word: 'refused' },
    { tone: 'bad', count: offline, word: 'not reachable' },
  ];
  return all.filter((each) => each.count > 0);
}

/** What to do, most pressing first; empty when all is well. */
export function fleetToDos(devices: DeviceRecord[], now: number): ToDo[] {
  const trouble = devices.flatMap((device): ToDo[] => {
    const { tone, sentence: plain } = deviceState(device, now);
    const sentence = plain.includes(device.name) ? plain : `${device.name}: ${plain}`;
    const mine = device.mine || device.installed;
    return mine && (tone === 'bad' || tone === 'attention')
      ? [{ kind: 'open', devices: [device.id], sentence, action: `Open ${device.name}` }]
      : [];
  });
  const bare = devices.filter(isBare);
  const install: ToDo[] =
    bare.length === 0
      ? []
      : [
          {
            kind: 'install',
            devices: bare.map(({ id }) => id),
            sentence: `${formatNames(bare.map(({ name }) => name))} ${bare.length === 1 ? 'has' : 'have'} no sensor daemon yet.`,
            action:
              bare.length === 1
                ? `Install on ${bare[0]?.name}`
                : `Install on ${formatCount(bare.length, 'device')}`,
          },
        ];
  return [...trouble.slice(0, LISTED), ...install];
}
