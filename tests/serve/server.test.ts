/** The browser shell's door, tried over real sockets on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Engine } from '../../src/core/engine.ts';
import { webSocketPipe } from '../../src/core/web-socket-pipe.ts';
import { serve, type Serving } from '../../src/serve/server.ts';
import { engineContract } from '../../src/shared/engine-contract.ts';
import { connectPeer } from '../../src/shared/peer.ts';

let folder: string;
let serving: Serving;

const info = {
  version: '1',
  site: 'test',
  sitePath: '/tmp/test',
  platform: 'linux',
  protocol: 1,
  timeZone: 'UTC',
  offersTime: true,
  archiveSetAside: null,
  person: 'kim@desk',
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-page-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Muster</title>');
  const engine = { handlers: { 'engine.info': () => info }, subscribe: () => () => {} };
  serving = await serve({ engine: engine as unknown as Engine, renderer: folder, port: 0 });
});

afterEach(async () => {
  await serving.close();
  rmSync(folder, { recursive: true });
});

function get(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      request(url, { headers }, (response) => {
        let body = '';
        response.on('data', (data) => (body += String(data)));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

async function cookie(): Promise<string> {
  const { headers } = await get(serving.link());
  return String((headers['set-cookie'] as string[])[0]).split(';')[0] ?? '';
}

function connect(url: string, headers: Record<string, string>): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

describe('the browser shell', () => {
  it('opens its page once by its link, then by the cookie, under a strict policy', async () => {
    const link = serving.link();
    const first = await get(link);
    expect(first.status).toBe(303);
    const set = String((first.headers['set-cookie'] as string[])[0]);
    expect(set).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await get(link)).status).toBe(403);
    const page = await get(`http://127.0.0.1:${serving.port}/`, { cookie: set.split(';')[0] ?? '' });
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
  });

  it('shows nothing without a cookie, to another name, or outside its page', async () => {
    const base = `http://127.0.0.1:${serving.port}`;
    expect((await get(base)).status).toBe(403);
    expect((await get(base, { host: 'evil.example' })).status).toBe(403);
    const visitor = { cookie: await cookie() };
    expect((await get(`${base}/../../etc/passwd`, visitor)).status).toBe(404);
    expect((await get(`${base}/%2e%2e/package.json`, visitor)).status).toBe(404);
  });

  it('speaks to the engine for its own page only', async () => {
    const url = `ws://127.0.0.1:${serving.port}/engine`;
    const origin = `http://127.0.0.1:${serving.port}`;
    const visitor = { cookie: await cookie(), origin };
    const client = connectPeer(webSocketPipe(await connect(url, visitor)), engineContract);
    await expect(client.call['engine.info']({})).resolves.toEqual(info);
    client.close();
    await expect(connect(url, { ...visitor, origin: 'http://evil.example' })).rejects.toThrow(/403/);
    await expect(connect(url, { origin })).rejects.toThrow(/403/);
  });

  it('speaks to a program that has the key', async () => {
    const [url, key] = serving.attachUrl.split('#');
    const socket = await connect(url ?? '', { authorization: `Bearer ${key}` });
    const client = connectPeer(webSocketPipe(socket), engineContract);
    await expect(client.call['engine.info']({})).resolves.toEqual(info);
    client.close();
  });

  it('says which port is taken', async () => {
    const again = serve({
      engine: { handlers: {}, subscribe: () => () => {} } as unknown as Engine,
      renderer: folder,
      port: serving.port,
    });
    await expect(again).rejects.toMatchObject({ code: 'BAD_INPUT', details: { port: serving.port } });
  });
});
