/** An HTTP server that takes deliveries, or does what a bad day does to one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Delivery {
  method: string;
  key: string;
  headers: IncomingMessage['headers'];
  records: Record<string, unknown>[];
}

export interface HttpReceiver {
  url: string;
  /** All that came whole, in order, whatever was answered. */
  deliveries: Delivery[];
  /** Answers, after a delivery has come whole; 204 unless told. */
  answer: (delivery: Delivery, response: ServerResponse) => void;
  /** Called with each request before its body is read; true: it has dealt with it. */
  onRequest: (request: IncomingMessage) => boolean;
  close(): Promise<void>;
}

export async function startHttpReceiver(): Promise<HttpReceiver> {
  const server = createServer((request, response) => {
    if (receiver.onRequest(request)) return;
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const delivery: Delivery = {
        method: request.method ?? '',
        key: String(request.headers['idempotency-key']),
        headers: request.headers,
        records: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>[],
      };
      receiver.deliveries.push(delivery);
      receiver.answer(delivery, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    deliveries: [],
    answer: (_, response) => void response.writeHead(204).end(),
    onRequest: () => false,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
