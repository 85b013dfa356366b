/** `muster config …` as a person runs it, against a virtual device: SSH, daemon and supervising script are real. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMuster } from '../support/run-muster.ts';
import { until } from '../support/until.ts';
import { VirtualSite } from '../support/virtual-site.ts';

interface State {
  text: string;
  hash: string;
  trial: unknown;
  history: { hash: string }[];
}

describe('muster config', () => {
  let site: VirtualSite;
  let name: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    site = await VirtualSite.open(1);
    const { devices } = await site.engine.handlers['fleet.snapshot']({});
    name = devices.find(({ id }) => id === site.devices[0])!.name;
    env = site.laptop();
  }, 180_000);
  afterAll(() => site.close(), 60_000);

  const muster = (...args: string[]) => runMuster(['config', ...args], env);
  const state = async () => {
    const { code, stdout, stderr } = await runMuster(['--json', 'config', 'get', name], env);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout) as State;
  };
  const file = (text: string): string => {
    const path = join(site.home.folder, 'config.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('shows what would change, tries it, keeps it, and goes back', async () => {
    const before = await state();
    const wanted = before.text.replace('version: 1', 'version: 1\n# by hand');
    const path = file(wanted);

    const diff = await muster('diff', name, path);
    expect(diff).toMatchObject({ code: 0 });
    expect(diff.stdout).toContain('+ # by hand');
    expect((await state()).hash).toBe(before.hash);

    const applied = await muster('apply', name, path, '--yes');
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.stdout).toContain('tried and confirmed');
    const after = await state();
    expect(after).toMatchObject({ text: wanted, trial: null });
    expect((await muster('history', name)).stdout).toContain(before.hash.slice(0, 10));
    expect(await muster('revert', name, before.hash.slice(0, 10))).toMatchObject({ code: 0 });
    await until(async () => (await state()).hash === before.hash, 'the configuration from before', 30_000);
  }, 120_000);

  it('keeps one with a new sensor that does not read, and says so', async () => {
    const before = await state();
    const added = before.text.replace('sensors:\n', 'sensors:\n  - { id: more, driver: hwmon }\n');
    expect(added).not.toBe(before.text);
    const applied = await muster('apply', name, file(added), '--yes');
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.stdout).toMatch(/tried and confirmed; sensor more does not read: .*hwmon chip/);
    expect(await muster('revert', name, before.hash.slice(0, 10))).toMatchObject({ code: 0 });
    await until(async () => (await state()).hash === before.hash, 'the configuration from before', 30_000);
  }, 120_000);

  it('names what is wrong with a file, and changes nothing', async () => {
    const before = await state();
    const path = file('version: 1\nsensors:\n  - { id: air, driver: nosuch }\n');
    const refused = await muster('apply', name, path, '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr + refused.stdout).toContain('nosuch');
    expect((await state()).hash).toBe(before.hash);
  }, 60_000);
});
