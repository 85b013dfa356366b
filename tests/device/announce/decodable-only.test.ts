import { EventEmitter } from 'node:events';
import type { Socket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { passOnlyDecodable as engines } from '../../../src/core/discovery/decodable-only.ts';
import { passOnlyDecodable } from '../../../device/announce/decodable-only.ts';

/** A header alone, with so many records promised. */
function header(records: number): Uint8Array {
  const bytes = new Uint8Array(23);
  const view = new DataView(bytes.buffer);
  for (const at of [6, 8, 10]) view.setUint16(at, records);
  return bytes;
}

describe.each([
  ['of the daemon', passOnlyDecodable],
  ['of the laptop', engines],
])('a socket %s', (_, guard) => {
  it('swallows a packet that promises more records than it holds, and passes all else', () => {
    const socket = new EventEmitter() as Socket;
    const heard: unknown[] = [];
    socket.on('message', (message) => heard.push(message));
    socket.on('listening', () => heard.push('listening'));
    guard(socket);
    socket.emit('message', header(65_535) as never, {} as never);
    socket.emit('message', header(0) as never, {} as never);
    socket.emit('listening');
    expect(heard).toEqual([header(0), 'listening']);
  });
});
