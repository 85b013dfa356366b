/** Keeps packets of death from the DNS decoder: it runs before it can be asked not to. */
import type { Socket } from 'node:dgram';
import { holdsItsRecords } from '../../shared/mdns-weight.ts';

/** Makes `socket` swallow datagrams that promise more records than they hold, before any listener decodes them. */
export function passOnlyDecodable(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]) =>
    event === 'message' && !holdsItsRecords(args[0] as Uint8Array) ? false : emit(event, ...args);
}
