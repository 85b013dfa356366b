/** Sixteen-bit registers as most chips send them: high byte first. */

/** 0 to 65535. */
export function unsigned16(bytes: Uint8Array, at = 0): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** −32768 to 32767. */
export function signed16(bytes: Uint8Array, at = 0): number {
  return (unsigned16(bytes, at) << 16) >> 16;
}
