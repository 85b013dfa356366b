import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { deviceContract, PROTOCOL } from '../../src/shared/device-contract.ts';
import { connectPeer } from '../../src/shared/peer.ts';
import { pssMib } from '../bench/process-tree.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { fillJournal } from '../support/fill-journal.ts';
import { Lateness } from '../support/lateness.ts';
import { benchConfig } from '../support/sensor-config.ts';

const READINGS = 2_000_000;
/** Long enough that a busy machine alone costs no reading. */
const PERIOD_MS = 1000;
const MiB = 1024 * 1024;

describe('a laptop that stops reading in the middle of a batch', () => {
  it('holds up nobody else, costs the daemon no more than its credits, and gets the rest when it reads on', async () => {
    const prefix = new TestPrefix();
    onTestFinished(() => prefix.remove());
    mkdirSync(prefix.state, { recursive: true });
    await fillJournal(join(prefix.state, 'journal.db'), {
      readings: READINGS,
      channels: 10,
      rows: 20_000,
      periodMs: 10,
    });
    prefix.config(benchConfig({ sensors: 20, periodMs: PERIOD_MS, buses: 1 }));
    const daemon = await prefix.run();
    const pid = daemon.process.pid as number;

    const socket = connect(prefix.socket);
    onTestFinished(() => void socket.destroy());
    const stuck = connectPeer(socketPipe(socket), deviceContract);
    const { run } = await stuck.call.hello({ protocol: PROTOCOL, client: 'stuck', clientVersion: '0' });
    const before = pssMib([pid]);
    const answers = [0, 1].map(() => stuck.call.pull({ after: null, maxBytes: 8 * MiB, waitMs: 0 }));
    for (const answer of answers) answer.catch(() => {});
    await once(socket, 'data');
    socket.pause();

    const well = await prefix.connect();
    onTestFinished(() => well.close());
    const lateness = new Lateness(PERIOD_MS);
    let readings = 0;
    for (let after = { run, batch: 0 }; readings < 20 * 4;) {
      const { batches } = await well.call.pull({ after, maxBytes: MiB, waitMs: 5000 });
      for (const { batch, data } of batches) {
        const rows = unpack(data);
        lateness.add(rows);
        readings += rows.value.length;
        after = { run, batch };
      }
    }
    expect(lateness.missed).toBe(0);
    // two answers, each held as the journal's, the peer's and the socket's copy at most
    expect(pssMib([pid]) - before).toBeLessThan(6 * 8 + 32);

    socket.resume();
    for (const answer of await Promise.all(answers)) {
      const values = answer.batches.reduce((sum, { data }) => sum + unpack(data).value.length, 0);
      expect(values).toBeGreaterThan(100_000);
      expect(answer.batches.map(({ batch }) => batch)).toEqual(answer.batches.map((_, i) => i + 1));
    }
  }, 60_000);
});
