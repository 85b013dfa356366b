/**
 * Sees by its first bytes how long a packet of MQTT is going to be, so that one that is too long is never taken in
 * (MQTT 3.1.1 sections 2.2 and 2.2.3: a byte of type and flags, then the length of the rest in one to four bytes). Pure.
 */
export class PacketGuard {
  /** Bytes of the packet under way that are still to come. */
  #rest = 0;
  /** Where in a header: −1 outside, else bytes of the length seen. */
  #lengthBytes = -1;
  #length = 0;

  /** Takes what came; the longest rest of a packet that began in it, bytes. Infinity where the length is none. */
  see(bytes: Uint8Array): number {
    let longest = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, bytes.length - at);
        this.#rest -= step;
        at += step;
        continue;
      }
      const byte = bytes[at++] as number;
      if (this.#lengthBytes < 0) {
        this.#lengthBytes = 0;
        this.#length = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes++;
      if (byte & 0x80) {
        if (this.#lengthBytes === 4) return Number.POSITIVE_INFINITY;
        continue;
      }
      longest = Math.max(longest, this.#length);
      this.#rest = this.#length;
      this.#lengthBytes = -1;
    }
    return longest;
  }
}
