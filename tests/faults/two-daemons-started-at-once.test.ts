/** Two daemons of one prefix are started in the same moment: one serves, the other says so and ends; again and again. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestPrefix } from '../support/daemon-process.ts';
import { until } from '../support/until.ts';

const CONFIG = `
version: 1
announce: { by: none }
hosts: { mode: inline }
sensors: [{ id: load, driver: load, periodMs: 50 }]
`;

let prefix: TestPrefix;
beforeEach(() => {
  prefix = new TestPrefix();
  prefix.config(CONFIG);
});
afterEach(() => prefix.remove());

it('lets one of them run, the other exits with 4', { timeout: 120_000 }, async () => {
  for (let round = 1; round <= 3; round++) {
    const both = await Promise.all([prefix.spawn(['run']), prefix.spawn(['run'])]);
    const isOut = () => both.filter(({ process: { exitCode } }) => exitCode !== null);
    await until(() => isOut().length > 0, 'the end of one', 30_000);
    const [loser] = isOut();
    expect([loser?.process.exitCode, loser?.said()]).toEqual([4, expect.stringMatching(/ALREADY_RUNNING/)]);
    const winner = both.find((daemon) => daemon !== loser);
    await until(() => / info running /.test(winner?.said() ?? ''), 'the other', 30_000);
    const client = await prefix.connect();
    const { runs } = await client.call.runs({ from: 1 });
    // the one that lost has taken no run number
    expect(runs.map(({ run }) => run)).toEqual(Array.from({ length: round }, (_, i) => i + 1));
    client.close();
    winner?.process.kill('SIGTERM');
    expect(await winner?.ended).toBe(0);
  }
});
