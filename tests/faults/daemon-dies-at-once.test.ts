/** The daemon is killed right after each start: then it stays up without its drivers, and a person brings them back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SAFE_AFTER, type LifeRecord } from '../../device/mode/mode-decision.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { until } from '../support/until.ts';

const PULL = { after: null, maxBytes: 8_388_608, waitMs: 0 };

let prefix: TestPrefix;
beforeEach(() => {
  prefix = new TestPrefix();
  prefix.config(`
version: 1
journal: { flushMs: 20, idleFlushMs: 20 }
sensors:
  - { id: load, driver: load, periodMs: 20 }
  - { id: up, driver: uptime, periodMs: 20 }
`);
});
afterEach(() => prefix.remove());

/** Starts it and kills it without warning as soon as it serves. */
async function liveAndDie(): Promise<void> {
  const daemon = await prefix.run();
  daemon.process.kill('SIGKILL');
  await daemon.ended;
}

describe('a daemon that dies at once', { timeout: 60_000 }, () => {
  it('starts in safe mode, serves what was recorded, and measures again when told to', async () => {
    const first = await prefix.run();
    let client = await prefix.connect();
    await until(async () => (await client.call.pull(PULL)).batches.length > 2, 'recorded batches');
    const recorded = (await client.call.pull(PULL)).batches;
    client.close();
    first.process.kill('SIGKILL');
    await first.ended;
    for (let death = 2; death <= SAFE_AFTER; death++) await liveAndDie();

    const safe = await prefix.run();
    expect(safe.said()).toContain('safe mode');
    client = await prefix.connect();
    const status = await client.call.status({});
    expect(status).toMatchObject({
      mode: 'safe',
      modeReason: 'the daemon died 5 times in a row within 60 s of its start',
      readingsPerS: 0,
    });
    expect(status.sensors.map(({ sensor, state }) => [sensor, state])).toEqual([
      ['load', 'stopped'],
      ['up', 'stopped'],
    ]);
    const { rows } = await client.call.tree({});
    expect(rows.find(({ path }) => path === 'muster/sensors')).toMatchObject({
      state: 'stopped',
      lastCause: `safe mode: ${status.modeReason}`,
    });
    expect(rows.find(({ path }) => path === 'muster/control')?.state).toBe('running');
    await expect(client.call.restartBranch({ path: 'muster/sensors' })).rejects.toMatchObject({
      code: 'REFUSED',
      details: { reason: 'the drivers are off in safe mode: leave safe mode first' },
    });

    const { batches } = await client.call.pull(PULL);
    expect(batches.slice(0, recorded.length)).toEqual(recorded);
    expect(unpack(batches[0]?.data ?? new Uint8Array()).value.length).toBeGreaterThan(0);

    // the suspect stays out when the others start again
    await client.call.takeOut({ sensor: 'up' });
    const shown = await client.call.tree({});
    expect(shown.rows.flatMap(({ sensor, takenOut }) => (sensor ? [[sensor, takenOut]] : []))).toEqual([
      ['load', undefined],
      ['up', true],
    ]);
    await client.call.leaveSafeMode({});
    await until(
      async () => (await client.call.status({})).sensors.some(({ state }) => state === 'ok'),
      'a sensor',
    );
    expect((await client.call.status({})).sensors.find(({ sensor }) => sensor === 'up')).toMatchObject({
      state: 'stopped',
      takenOut: true,
    });
    expect(await client.call.status({})).toMatchObject({ mode: 'normal', modeReason: null });
    const { run } = await client.call.hello({ protocol: 1, client: 'test', clientVersion: '0' });
    await until(
      async () => (await client.call.pull(PULL)).batches.some((batch) => batch.run === run),
      'new readings',
    );
    await expect(client.call.leaveSafeMode({})).rejects.toMatchObject({ code: 'REFUSED' });
    client.close();
  });

  it('leaves safe mode by an orderly restart, and by a boot of the machine', async () => {
    const life = join(prefix.state, 'life.json');
    const mode = async () => {
      const client = await prefix.connect();
      const status = await client.call.status({});
      client.close();
      return status.mode;
    };
    await liveAndDie();
    const dead = { ...(JSON.parse(readFileSync(life, 'utf8')) as LifeRecord), failures: SAFE_AFTER };
    writeFileSync(life, JSON.stringify(dead));
    const safe = await prefix.run();
    expect(await mode()).toBe('safe');
    safe.process.kill('SIGTERM');
    expect(await safe.ended).toBe(0);
    const normal = await prefix.run();
    expect(await mode()).toBe('normal');
    normal.process.kill('SIGKILL');
    await normal.ended;

    writeFileSync(life, JSON.stringify({ ...dead, boot: 'another' }));
    await prefix.run();
    expect(await mode()).toBe('normal');
  });

  it('does not count a second daemon that finds the first', async () => {
    const first = await prefix.run();
    const before = readFileSync(join(prefix.state, 'life.json'), 'utf8');
    const second = await prefix.spawn(['run']);
    expect(await second.ended).toBe(4);
    expect(readFileSync(join(prefix.state, 'life.json'), 'utf8')).toBe(before);
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });
});
