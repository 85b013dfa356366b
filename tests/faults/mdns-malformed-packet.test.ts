import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Sighting } from '../../src/core/discovery/sighting.ts';
import { deviceRecordSchema, type DeviceRecord } from '../../src/shared/engine-contract.ts';
import { need } from '../support/need.ts';
import { createNetns, removeNetns } from '../support/netns.ts';

/** Discovery and fleet in a namespace of their own, under fire from a process beside them. */
describe.skipIf(!need('netns'))('mdns-malformed-packet', () => {
  let dir: string;
  let sightings: Sighting[];
  let devices: DeviceRecord[];
  let cpuMs: number;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'muster-malformed-'));
    sightings = [];
    devices = [];
    cpuMs = 0;
  });
  afterEach(async () => {
    await removeNetns();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Resolves when the good box, announced after all the others, is shown. */
  async function underFire(packets: Uint8Array[]): Promise<void> {
    const ns = createNetns('attack');
    const support = join(import.meta.dirname, '../support');
    const laptop = ns.spawn(process.execPath, [join(support, 'discovery-process.ts'), join(dir, 'devices')]);
    let failure = '';
    let ready = false;
    laptop.stderr!.on('data', (text) => (failure += String(text)));
    createInterface({ input: laptop.stdout! }).on('line', (line) => {
      const { event, data } = JSON.parse(line) as { event: string; data: never };
      ready = true;
      if (event === 'sighting') sightings.push(data);
      if (event === 'device') devices.push(data);
      if (event === 'cpuMs') cpuMs = data;
    });
    await vi.waitFor(() => expect(ready).toBe(true), { timeout: 10_000 });
    const list = [...packets, announcement('good', 2200)].map((bytes) => Buffer.from(bytes).toString('hex'));
    writeFileSync(join(dir, 'packets.json'), JSON.stringify(list));
    const before = cpuMs;
    ns.spawn(process.execPath, [join(support, 'mdns-attacker.ts'), join(dir, 'packets.json')]);
    await vi.waitFor(() => expect(devices.some(({ name }) => name === 'good')).toBe(true), {
      timeout: 15_000,
    });
    const shown = cpuMs;
    await vi.waitFor(() => expect(cpuMs).toBeGreaterThan(shown), { timeout: 10_000 });
    cpuMs -= before;
    expect(failure).toBe('');
    for (const device of devices) expect(deviceRecordSchema.safeParse(device).success).toBe(true);
  }

  it('spends no time on packets that promise more records than they hold', async () => {
    // Header with 3 x 65,535 records, then a TXT record that ends before its length: 150 ms each when decoded.
    const bomb = Buffer.concat([
      Buffer.of(0, 0, 0x84, 0, 0, 0, 255, 255, 255, 255, 255, 255),
      Buffer.of(0, 0, 16, 0, 1, 0, 0, 0, 9, 0, 5),
    ]);
    await underFire(Array.from({ length: 100 }, () => bomb));
    expect(cpuMs).toBeLessThan(2000);
  });

  it('survives packets of any bytes', async () => {
    const whole = announcement('victim', 2201);
    let seed = 42;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const damaged = (i: number): Uint8Array => {
      if (i % 4 === 0) return Uint8Array.from({ length: random(200) }, () => random(256));
      if (i % 4 === 1) return whole.subarray(0, random(whole.length));
      const bytes = Uint8Array.from(whole);
      for (let n = 0; n < 3; n++) bytes[random(bytes.length)] = random(256);
      return bytes;
    };
    await underFire(Array.from({ length: 2000 }, (_, i) => damaged(i)));
    // The damage is not all in the header: some of it reaches the parser, and is shown clean.
    expect(sightings.length).toBeGreaterThan(100);
    for (const { instance } of sightings) expect(instance).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('takes no question for an answer', async () => {
    const question = Uint8Array.from(announcement('question', 2202));
    question[2] = 0;
    await underFire([question]);
    expect(sightings.some(({ instance }) => instance === 'question')).toBe(false);
  });
});

/** A response with PTR, SRV and TXT of an `_ssh._tcp` service, byte by byte (RFC 1035 section 4.1). */
function announcement(instance: string, port: number): Uint8Array {
  const name = (...labels: string[]) =>
    Buffer.concat([
      ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
      Buffer.of(0),
    ]);
  const type = ['_ssh', '_tcp', 'local'];
  const record = (owner: Buffer, kind: number, data: Buffer) =>
    Buffer.concat([owner, Buffer.of(0, kind, 0, 1, 0, 0, 0, 120, data.length >> 8, data.length & 255), data]);
  const fqdn = name(instance, ...type);
  const srv = Buffer.concat([Buffer.of(0, 0, 0, 0, port >> 8, port & 255), name(instance, 'local')]);
  return Buffer.concat([
    Buffer.of(0, 0, 0x84, 0, 0, 0, 0, 3, 0, 0, 0, 0),
    record(name(...type), 12, fqdn),
    record(fqdn, 33, srv),
    record(fqdn, 16, Buffer.of(3, 0x61, 0x3d, 0x62)),
  ]);
}
