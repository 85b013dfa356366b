/** BLAKE2b without a key (RFC 7693), of any digest length: Node's crypto has the 64-byte one only, fwup uses 32. */

/** RFC 7693 section 2.6: the words of SHA-512, low half first. */
const IV = Int32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);

/** RFC 7693 section 2.7; rounds 10 and 11 are the first two again. */
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** The message words in the order they are used, all 12 rounds, as places in a block of 32-bit halves. */
const SCHEDULE = Uint8Array.from([...SIGMA, ...SIGMA.slice(0, 2)].flat().map((word) => 2 * word));
/** The columns, then the diagonals (section 3.2), as places in the vector of halves. */
const LANES = Uint8Array.from(
  [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
  ]
    .flat()
    .map((word) => 2 * word),
);
const BLOCK = 128;
const HALF = 2 ** 32;

/** One hash in the making. */
export class Blake2b {
  readonly #digestBytes: number;
  readonly #h = IV.slice();
  readonly #v = new Int32Array(32);
  readonly #m = new Int32Array(32);
  readonly #block = new Uint8Array(BLOCK);
  readonly #view = new DataView(this.#block.buffer);
  #filled = 0;
  /** Bytes before the block; exact up to 2^53. */
  #total = 0;

  /** `digestBytes`: 1 to 64. */
  constructor(digestBytes: number) {
    this.#digestBytes = digestBytes;
    // the parameter block (section 2.5): digest length, no key, fanout 1, depth 1
    this.#h[0]! ^= 0x01010000 ^ digestBytes;
  }

  update(bytes: Uint8Array): this {
    for (let at = 0; at < bytes.length;) {
      // the last block is compressed by digest(), with its flag: one is kept back until more comes
      if (this.#filled === BLOCK) this.#compress(false);
      const take = Math.min(BLOCK - this.#filled, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
    }
    return this;
  }

  /** Ends the hash; no update after it. */
  digest(): Uint8Array {
    this.#block.fill(0, this.#filled);
    this.#compress(true);
    const out = new DataView(new ArrayBuffer(64));
    this.#h.forEach((half, i) => out.setInt32(4 * i, half, true));
    return new Uint8Array(out.buffer, 0, this.#digestBytes);
  }

  #compress(last: boolean): void {
    const v = this.#v;
    const m = this.#m;
    const h = this.#h;
    this.#total += this.#filled;
    this.#filled = 0;
    for (let i = 0; i < 32; i++) m[i] = this.#view.getInt32(4 * i, true);
    v.set(h);
    v.set(IV, 16);
    v[24]! ^= this.#total % HALF;
    v[25]! ^= Math.floor(this.#total / HALF);
    if (last) {
      v[28] = ~v[28]!;
      v[29] = ~v[29]!;
    }
    for (let word = 0, lane = 0; word < SCHEDULE.length; word += 2, lane = (lane + 4) % 32)
      mix(v, m, lane, SCHEDULE[word]!, SCHEDULE[word + 1]!);
    for (let i = 0; i < 16; i++) h[i]! ^= v[i]! ^ v[i + 16]!;
  }
}

/** G of section 3.1 on 32-bit halves, signed because V8 keeps those in registers: rotations by 32, 24, 16 and 63. */
function mix(v: Int32Array, m: Int32Array, lane: number, x: number, y: number): void {
  const a = LANES[lane]!;
  const b = LANES[lane + 1]!;
  const c = LANES[lane + 2]!;
  const d = LANES[lane + 3]!;
  let al = v[a]!;
  let ah = v[a + 1]!;
  let bl = v[b]!;
  let bh = v[b + 1]!;
  let cl = v[c]!;
  let ch = v[c + 1]!;
  let dl = v[d]!;
  let dh = v[d + 1]!;

  let low = (al >>> 0) + (bl >>> 0) + (m[x]! >>> 0);
  ah = (ah + bh + m[x + 1]! + ((low / HALF) | 0)) | 0;
  al = low | 0;
  let kept = dl ^ al;
  dl = dh ^ ah;
  dh = kept;
  low = (cl >>> 0) + (dl >>> 0);
  ch = (ch + dh + ((low / HALF) | 0)) | 0;
  cl = low | 0;
  bl ^= cl;
  bh ^= ch;
  kept = (bl >>> 24) | (bh << 8);
  bh = (bh >>> 24) | (bl << 8);
  bl = kept;

  low = (al >>> 0) + (bl >>> 0) + (m[y]! >>> 0);
  ah = (ah + bh + m[y + 1]! + ((low / HALF) | 0)) | 0;
  al = low | 0;
  dl ^= al;
  dh ^= ah;
  kept = (dl >>> 16) | (dh << 16);
  dh = (dh >>> 16) | (dl << 16);
  dl = kept;
  low = (cl >>> 0) + (dl >>> 0);
  ch = (ch + dh + ((low / HALF) | 0)) | 0;
  cl = low | 0;
  bl ^= cl;
  bh ^= ch;
  kept = (bh >>> 31) | (bl << 1);
  bh = (bl >>> 31) | (bh << 1);
  bl = kept;

  v[a] = al;
  v[a + 1] = ah;
  v[b] = bl;
  v[b + 1] = bh;
  v[c] = cl;
  v[c + 1] = ch;
  v[d] = dl;
  v[d + 1] = dh;
}
