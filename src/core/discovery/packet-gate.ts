/**
 * Which datagrams are worth decoding. Pure but for its budget.
 * The DNS decoder believes the record counts of a header: 23 bytes that promise 65,535 records cost it 150 ms.
 * So a packet is weighed before it is decoded.
 */

/** RFC 6762 section 17 allows 9,000 bytes; twice that, so an over-long TXT is cut instead of hiding its device. */
const MAX_BYTES = 18_000;
const HEADER_BYTES = 12;
const MIN_QUESTION_BYTES = 5;
/** Root name, type, class, TTL and length: nothing shorter is a record (RFC 1035 section 4.1.3). */
const MIN_RECORD_BYTES = 11;
const MDNS_PORT = 5353;

/**
 * True for a response (RFC 6762 section 18.2, 18.3) from the mDNS port (section 6: others must be ignored)
 * that is long enough for the records it promises.
 */
export function isPlausibleResponse(message: Uint8Array, senderPort: number): boolean {
  if (senderPort !== MDNS_PORT || message.length < HEADER_BYTES || message.length > MAX_BYTES) return false;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const flags = view.getUint16(2);
  if ((flags & 0xf800) !== 0x8000) return false;
  const questions = view.getUint16(4);
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  return HEADER_BYTES + questions * MIN_QUESTION_BYTES + records * MIN_RECORD_BYTES <= message.length;
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
