/** Columns as bytes for the wire. Every machine Muster runs on is little-endian, as the contract wants. */

/** The bytes under a typed array, not copied. */
export function bytesOf(column: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
