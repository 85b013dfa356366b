/** Overhears the far side's identification line (RFC 4253 section 4.2), `SSH-2.0-OpenSSH_9.2p1`. */
import type { Socket } from 'node:net';

/** More than this before the line is no greeting any more. */
const MAX_GREETING = 8192;

/** Listens on a paused socket without making it flow. The returned function gives the line, '' before it came. */
export function overhearIdent(socket: Socket): () => string {
  let head = '';
  const listen = (chunk: Buffer) => {
    head += chunk.toString('latin1', 0, 1024);
    if (/^SSH-.*\n/m.test(head) || head.length > MAX_GREETING) socket.removeListener('data', listen);
  };
  socket.on('data', listen);
  return () => /^SSH-[^\r\n]*/m.exec(head)?.[0] ?? '';
}
