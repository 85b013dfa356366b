/**
 * Whether one device is there, from dated evidence. Pure: (state, event) -> (state, actions).
 * Silence alone proves nothing: it leads to a probe. Only a failed probe, a failed link or a goodbye makes a
 * device offline. Times are monotonic ms.
 */

export interface PresenceState {
  presence: 'nearby' | 'offline' | 'unknown';
  /** Services announced and not taken back. */
  services: readonly string[];
  /** Last evidence that it is there, null before the first. */
  heardAt: number | null;
  /** When it became offline, null while it is not. */
  lostAt: number | null;
  /** True while the daemon's link is up: nothing proves more. */
  linked: boolean;
  probing: boolean;
  /** Pause before the next probe; doubles from probe to probe. */
  pauseMs: number;
  /** When a probe is due at the earliest. */
  probeAt: number;
}

export type PresenceEvent =
  | { type: 'heard'; service: string; at: number }
  | { type: 'goodbye'; service: string; at: number }
  | { type: 'answered'; at: number }
  | { type: 'unanswered'; at: number }
  /** The machine answers at that address, SSH does not: no proof against a device that announces itself. */
  | { type: 'refused'; at: number }
  | { type: 'link-up'; at: number }
  /** `reachable`: false when the link failed because nothing answered. */
  | { type: 'link-down'; reachable: boolean; at: number }
  /** The network it was seen on is gone, or a person asks to look again. */
  | { type: 'doubt'; at: number }
  /** `pursue`: true for a device that is sought even while it is silent (a remembered one). */
  | { type: 'tick'; pursue: boolean; at: number };

export type PresenceAction = 'probe';

/** Announcements are asked for once a minute at least: this is two rounds unanswered. */
export const SILENCE_MS = 150_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 600_000;
/** More kinds of service than are searched for. */
const MAX_SERVICES = 16;

/** A device nothing is known of; its first tick probes it when it is pursued. */
export const UNKNOWN_PRESENCE: PresenceState = {
  presence: 'unknown',
  services: [],
  heardAt: null,
  lostAt: null,
  linked: false,
  probing: false,
  pauseMs: FIRST_PAUSE_MS,
  probeAt: 0,
};

/** The next state, and whether a probe has to start now. At most one probe runs at a time. */
export function presence(
  state: PresenceState,
  event: PresenceEvent,
): { state: PresenceState; actions: PresenceAction[] } {
  switch (event.type) {
    case 'heard': {
      const services = [...state.services.filter((name) => name !== event.service), event.service];
      return still({
        ...nearby(state, event.at),
        services: services.slice(-MAX_SERVICES),
        pauseMs: FIRST_PAUSE_MS,
      });
    }
    case 'goodbye': {
      const services = state.services.filter((name) => name !== event.service);
      // One service of several, or one that was never seen: the device itself has not gone.
      if (services.length > 0 || services.length === state.services.length || state.linked)
        return still({ ...state, services });
      return still(offline({ ...state, services }, event.at));
    }
    case 'answered':
      return still({
        ...nearby(state, event.at),
        probing: false,
        pauseMs: longer(state.pauseMs),
        probeAt: event.at + longer(state.pauseMs),
      });
    case 'refused':
    case 'unanswered': {
      const waited = {
        ...state,
        probing: false,
        pauseMs: longer(state.pauseMs),
        probeAt: event.at + state.pauseMs,
      };
      // What was heard while the probe was under way is newer than its failure.
      const heardSince = state.heardAt !== null && state.heardAt > state.probeAt;
      const announced = event.type === 'refused' && state.services.length > 0 && !isSilent(state, event.at);
      return still(state.linked || heardSince || announced ? waited : offline(waited, event.at));
    }
    case 'link-up':
      return still({ ...nearby(state, event.at), linked: true, pauseMs: FIRST_PAUSE_MS });
    case 'link-down': {
      const down = { ...state, linked: false };
      if (!event.reachable) return still(offline(down, event.at));
      return state.linked ? startProbe(down, event.at) : still(down);
    }
    case 'doubt':
      return state.linked ? still(state) : startProbe(state, event.at);
    case 'tick': {
      if (state.linked || state.probing || event.at < state.probeAt) return still(state);
      const due = state.presence === 'nearby' ? isSilent(state, event.at) : event.pursue;
      return due ? startProbe(state, event.at) : still(state);
    }
  }
}

function still(state: PresenceState): { state: PresenceState; actions: PresenceAction[] } {
  return { state, actions: [] };
}

function startProbe(state: PresenceState, at: number): { state: PresenceState; actions: PresenceAction[] } {
  if (state.probing) return still(state);
  return { state: { ...state, probing: true, probeAt: at }, actions: ['probe'] };
}

function nearby(state: PresenceState, at: number): PresenceState {
  return { ...state, presence: 'nearby', heardAt: at, lostAt: null };
}

function offline(state: PresenceState, at: number): PresenceState {
  return { ...state, presence: 'offline', services: [], lostAt: state.lostAt ?? at };
}

function isSilent({ heardAt }: PresenceState, at: number): boolean {
  return heardAt === null || at - heardAt > SILENCE_MS;
}

function longer(pauseMs: number): number {
  return Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
}
