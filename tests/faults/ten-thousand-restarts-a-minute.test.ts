import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { startListener } from '../../device/control/listener.ts';
import { startActor } from '../../device/otp/actor.ts';
import { startSupervisor, type Supervisor } from '../../device/otp/supervisor.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import { deviceClock } from '../../device/platform/device-clock.ts';
import { PATIENCE } from '../../device/patience.ts';
import { deviceContract } from '../../src/shared/device-contract.ts';
import { connectPeer, servePeer } from '../../src/shared/peer.ts';

const HEALTHY = 200;
/** Long enough that a busy machine alone costs no tick. */
const PERIOD_MS = 1000;
const TEST_MS = 6000;
/** What ten thousand a minute make in that time. */
const RESTARTS = 1000;

describe('a child that is restarted ten thousand times a minute', () => {
  it('takes no tick from the healthy ones beside it, and control answers', async () => {
    const ticker = new Ticker(deviceClock);
    let lives = 0;
    const ticks = new Uint32Array(HEALTHY);
    let missed = 0;
    const sick = {
      id: 'sick',
      start: () => {
        lives++;
        const sicken = () => {
          throw new Error('again');
        };
        const actor = startActor<string>({ onMessage: sicken }, ticker);
        actor.send('the first message is its last');
        return actor;
      },
    };
    const healthy = Array.from({ length: HEALTHY }, (_, i) => ({
      id: `healthy-${i}`,
      start: () =>
        startActor(
          {
            everyMs: PERIOD_MS,
            firstMs: (i * PERIOD_MS) / HEALTHY,
            onTick: (_self, gone) => {
              ticks[i]!++;
              missed += gone;
            },
          },
          ticker,
        ),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'muster-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'socket');
    const tree: { root: Supervisor | null } = { root: null };
    const contract = { calls: { tree: deviceContract.calls.tree }, events: {} };
    const handlers = { tree: () => ({ rows: tree.root?.rows() ?? [] }) };
    const control = {
      id: 'control',
      start: () => startListener(path, (pipe) => void servePeer(pipe, contract, handlers)),
    };
    const unlimited = { intensity: 1_000_000, periodMs: 1000, children: [sick, ...healthy] };
    const root = await startSupervisor(
      {
        ...PATIENCE,
        children: [
          { id: 'sensors', type: 'supervisor', start: (context) => startSupervisor(unlimited, context) },
          control,
        ],
      },
      { clock: deviceClock, path: 'muster' },
    );
    tree.root = root;
    const client = connectPeer(socketPipe(connect(path)), contract);

    const times: number[] = [];
    const begun = performance.now();
    const livesBefore = lives;
    // a busy machine takes longer for as many; alone it makes some 40,000 a minute
    const enough = () => performance.now() - begun >= TEST_MS && lives - livesBefore >= RESTARTS;
    while (!enough()) {
      const asked = performance.now();
      const { rows } = await client.call.tree({});
      times.push(performance.now() - asked);
      expect(rows).toHaveLength(HEALTHY + 4);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(missed).toBe(0);
    expect(Math.min(...ticks)).toBeGreaterThanOrEqual(TEST_MS / PERIOD_MS - 2);
    expect(
      root
        .rows()
        .filter(({ restarts }) => restarts > 0)
        .map(({ path: at }) => at),
    ).toEqual(['muster/sensors/sick']);
    times.sort((a, b) => a - b);
    expect(times[Math.floor(times.length * 0.9)]).toBeLessThan(200);

    client.close();
    root.shutdown();
    await root.exited;
  }, 30_000);
});
