/** A device's state in one word, with a sentence behind it. Pure; the icon and colour follow from the tone. */
import type { DeviceAddress, DeviceRecord } from '../../src/shared/engine-contract.ts';
import { errorText } from '../../src/shared/error-text.ts';
import { formatAgo, formatDuration } from './format.ts';

/** What a state means for the person. `unknown` is neutral: nothing is wrong, nothing is proven. */
export type Tone = 'good' | 'attention' | 'bad' | 'unknown';

export interface DeviceWord {
  tone: Tone;
  word: string;
  sentence: string;
}

/** The state of `device` at `now` (epoch ms). */
export function deviceState(device: DeviceRecord, now: number): DeviceWord {
  const { link, presence, installed, mine, name } = device;
  if (link.state === 'refused')
    return {
      tone: 'bad',
      word: 'Refused',
      sentence: link.error
        ? errorText(link.error.code, {
            name,
            trustedAt: device.hostKey?.trustedAt ?? null,
            ...link.error.details,
          }).title
        : `${name} refused the connection.`,
    };
  if (presence === 'offline')
    return {
      tone: 'bad',
      word: 'Not reachable',
      sentence: `${name} did not answer${device.lastSeen === null ? '' : `; last seen ${formatAgo(device.lastSeen, now)}`}.`,
    };
  if (!installed)
    return device.kind === 'nerves'
      ? { tone: 'unknown', word: 'Nerves', sentence: `${name} runs Nerves firmware, not a Muster daemon.` }
      : { tone: 'unknown', word: 'Not installed', sentence: `${name} has no sensor daemon yet.` };
  if (!mine)
    return {
      tone: 'unknown',
      word: 'Not joined',
      sentence: `${name} runs Muster, but this laptop has not logged in there yet.`,
    };
  return linkWord(device, now);
}

function linkWord({ link, sensors, name }: DeviceRecord, now: number): DeviceWord {
  switch (link.state) {
    case 'live': {
      const silent = sensors ? sensors.total - sensors.ok : 0;
      return silent > 0
        ? {
            tone: 'attention',
            word: silent === 1 ? '1 sensor fails' : `${silent} sensors fail`,
            sentence: `${name} is live, but ${silent} of its ${sensors?.total} sensors ${silent === 1 ? 'gives' : 'give'} no good readings.`,
          }
        : { tone: 'good', word: 'Live', sentence: `${name} is live: readings arrive as they are taken.` };
    }
    case 'catching-up':
      return {
        tone: 'good',
        word: 'Catching up',
        sentence: `${name} hands over what it recorded meanwhile${link.behind ? `: ${link.behind.toLocaleString('en')} batches to go` : ''}.`,
      };
    case 'waiting':
      return {
        tone: 'attention',
        word: 'Waiting',
        sentence: `The connection to ${name} was lost${link.nextAttemptAt === null ? '' : link.nextAttemptAt - now < 1000 ? '; trying again now' : `; next attempt in ${formatDuration(link.nextAttemptAt - now)}`}.`,
      };
    case 'connecting':
      return { tone: 'unknown', word: 'Connecting', sentence: `Connecting to ${name}.` };
    default:
      return { tone: 'unknown', word: 'Not connected', sentence: `There is no connection to ${name}.` };
  }
}

/** The address used or heard last. */
export function newestAddress(device: DeviceRecord): DeviceAddress | undefined {
  return device.addresses.toSorted((a, b) => b.lastSeen - a.lastSeen)[0];
}

/** Its sensors while somebody can say so: what was true before the link broke is not shown as the present. */
export function sensorsNow({ link, sensors }: DeviceRecord): DeviceRecord['sensors'] {
  return link.state === 'live' || link.state === 'catching-up' ? sensors : null;
}

const LOOPBACK = /^lo\d*$/;

/** How a device was reached: `heard on eth0`, `heard on this computer`, `typed address`, `remembered`. */
export function reachedBy(device: DeviceRecord): string {
  const address = newestAddress(device);
  if (!address) return 'no address';
  if (address.via === 'mdns') {
    if (!address.interface) return 'heard nearby';
    return `heard on ${LOOPBACK.test(address.interface) ? 'this computer' : address.interface}`;
  }
  return address.via === 'typed' ? 'typed address' : 'remembered';
}

/** `Mine`: installed or trusted by this laptop. `Not reachable` only after a failed probe. */
export type FleetGroup = 'mine' | 'nearby' | 'offline';
export const GROUP_TITLES: Record<FleetGroup, string> = {
  mine: 'Mine',
  nearby: 'Nearby',
  offline: 'Not reachable',
};

export function groupOf(device: DeviceRecord): FleetGroup {
  if (device.presence === 'offline') return 'offline';
  return device.mine ? 'mine' : 'nearby';
}
