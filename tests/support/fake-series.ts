/** Columns of made-up readings as the engine's series calls answer them. */
import type { Channel, Gap } from '../../src/shared/engine-contract.ts';
import { fakeValue } from './fake-fleet.ts';

const bytes = (array: Float64Array | Uint32Array) => new Uint8Array(array.buffer, 0, array.byteLength);

/** Readings exist for this long before `now`, with one hole of five minutes in it. */
const RECORDED_MS = 26 * 3_600_000;
const HOLE_MS: [from: number, to: number] = [41 * 60_000, 36 * 60_000];

function inHole(t: number, now: number): boolean {
  return t > now - HOLE_MS[0] && t < now - HOLE_MS[1];
}

/** One channel's buckets between `from` and `to`. */
export function fakeSeries(channel: Channel, from: number, to: number, pixels: number, now: number) {
  const start = Math.max(from, now - RECORDED_MS);
  const end = Math.min(to, now);
  const step = Math.max(channel.periodMs, (end - start) / pixels);
  const count = end > start ? Math.floor((end - start) / step) : 0;
  const t = new Float64Array(count);
  const lo = new Float64Array(count);
  const hi = new Float64Array(count);
  const spread = step > channel.periodMs ? 0.01 : 0;
  for (let i = 0; i < count; i++) {
    t[i] = Math.round((start + i * step) / 1000) * 1000;
    const value = inHole(t[i] ?? 0, now) ? Number.NaN : fakeValue(channel.id, channel.quantity, t[i] ?? 0);
    lo[i] = value - Math.abs(value) * spread;
    hi[i] = value + Math.abs(value) * spread;
  }
  return { channel: channel.id, t: bytes(t), lo: bytes(lo), hi: bytes(hi), q: new Uint8Array(count), count };
}

export function fakeGap(channel: Channel, now: number): Gap {
  return { channel: channel.id, from: now - HOLE_MS[0], to: now - HOLE_MS[1], reason: 'device-off' };
}

/** One reading a channel for each whole second after `after` up to `upTo` (epoch seconds). */
export function fakePull(channels: Channel[], after: number, upTo: number) {
  const rows = Math.max(0, upTo - after) * channels.length;
  const channel = new Uint32Array(rows);
  const t = new Float64Array(rows);
  const value = new Float64Array(rows);
  let row = 0;
  for (let second = after + 1; second <= upTo; second++)
    for (const each of channels) {
      channel[row] = each.id;
      t[row] = second * 1000;
      value[row] = fakeValue(each.id, each.quantity, second * 1000);
      row++;
    }
  return {
    serial: upTo,
    reset: false,
    channel: bytes(channel),
    t: bytes(t),
    value: bytes(value),
    quality: new Uint8Array(rows),
  };
}
