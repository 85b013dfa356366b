/**
 * Sends packets as they are, on loopback, from the mDNS port. A process of its own, to be run inside a network
 * namespace: other programs that listen on this machine's loopback would suffer. Argument: a file with a JSON list
 * of packets in hex; the last one is sent again every 100 ms.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const packets = (JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as string[]).map((hex) =>
  Buffer.from(hex, 'hex'),
);
const socket = createSocket({ type: 'udp4', reuseAddr: true });
const send = (packet: Uint8Array) =>
  new Promise<void>((resolve) => socket.send(packet, 5353, '224.0.0.251', () => resolve()));

await new Promise<void>((resolve) => socket.bind(5353, '0.0.0.0', resolve));
socket.setMulticastInterface('127.0.0.1');
for (const packet of packets) await send(packet);
setInterval(() => void send(packets.at(-1)!), 100);
