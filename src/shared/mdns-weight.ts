/**
 * Whether an mDNS packet can hold what its header promises. DNS decoders believe the record counts of a header:
 * 23 bytes that promise 65,535 records three times cost one 150 ms, so packets are weighed before they are decoded.
 */

/** RFC 6762 section 17 allows 9,000 bytes; twice that, so an over-long TXT is cut instead of hiding its device. */
const MAX_BYTES = 18_000;
const HEADER_BYTES = 12;
const MIN_QUESTION_BYTES = 5;
/** Root name, type, class, TTL and length: nothing shorter is a record (RFC 1035 section 4.1.3). */
const MIN_RECORD_BYTES = 11;

/** True when `message` is long enough for its header's questions and records, and not absurdly long. */
export function holdsItsRecords(message: Uint8Array): boolean {
  if (message.length < HEADER_BYTES || message.length > MAX_BYTES) return false;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const questions = view.getUint16(4);
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  return HEADER_BYTES + questions * MIN_QUESTION_BYTES + records * MIN_RECORD_BYTES <= message.length;
}
