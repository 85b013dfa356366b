/** Which datagrams are worth decoding. Pure but for its budget. */
import { holdsItsRecords } from '../../shared/mdns-weight.ts';

const MDNS_PORT = 5353;

/**
 * True for a response (RFC 6762 section 18.2, 18.3) from the mDNS port (section 6: others must be ignored)
 * that is long enough for the records it promises.
 */
export function isPlausibleResponse(message: Uint8Array, senderPort: number): boolean {
  if (senderPort !== MDNS_PORT || !holdsItsRecords(message)) return false;
  const flags = ((message[2] ?? 0) << 8) | (message[3] ?? 0);
  return (flags & 0xf800) === 0x8000;
}

/** So many packets a second, with room for the burst of a few hundred devices answering one query. */
const PACKETS_PER_S = 1000;
const BURST = 4000;

/** A token bucket: `take(now)` is false when the budget is spent. `now` is monotonic ms. */
export function packetBudget(): { take(now: number): boolean } {
  let tokens = BURST;
  let last: number | null = null;
  return {
    take(now) {
      tokens = Math.min(BURST, tokens + ((now - (last ?? now)) / 1000) * PACKETS_PER_S);
      last = now;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
