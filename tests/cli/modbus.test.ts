/**
 * Modbus as a person meets it on the command line: an installed device (SSH, daemon, addons beside it: all real) is given
 * a serial line with a slave that others wrote, its readings come to this laptop, and a coil is switched.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModbusSlave } from '../support/modbus-slaves.ts';
import { need } from '../support/need.ts';
import { PtyLine } from '../support/pty.ts';
import { runMuster } from '../support/run-muster.ts';
import { until } from '../support/until.ts';
import { VirtualSite } from '../support/virtual-site.ts';

const volts = { channel: 'voltage', quantity: 'voltage', table: 'input', address: 0, type: 'f32' };

describe.skipIf(!need('socat'))('Modbus from the command line', () => {
  let site: VirtualSite | null = null;
  let folder: string;
  let name: string;
  let env: NodeJS.ProcessEnv;
  let slave: ModbusSlave;
  const line = new PtyLine();

  beforeAll(async () => {
    await line.plug();
    slave = await new ModbusSlave(line.far).ready();
    const opened = await VirtualSite.open(1);
    site = opened;
    folder = opened.home.folder;
    const { devices } = await opened.engine.handlers['fleet.snapshot']({});
    name = devices.find(({ id }) => id === opened.devices[0])!.name;
    env = opened.laptop();
  }, 180_000);
  afterAll(async () => {
    await site?.close();
    await slave.end();
    await line.remove();
  }, 60_000);

  async function muster(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runMuster(args, env);
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  }

  it('is configured, read into the archive, and switched', { timeout: 180_000 }, async () => {
    const { text } = JSON.parse(await muster('--json', 'config', 'get', name)) as { text: string };
    const before = parse(text) as { buses: object[]; sensors: object[]; outputs?: object[] };
    const port = { device: line.device, parity: 'none' };
    const wanted = {
      ...before,
      buses: [...before.buses, { id: 'plant', kind: 'modbus-rtu', ...port }],
      sensors: [
        ...before.sensors,
        { id: 'meter', name: 'Meter', driver: 'modbus-map', bus: 'plant', options: { channels: [volts] } },
      ],
      outputs: [
        ...(before.outputs ?? []),
        { id: 'pump', name: 'Pump', kind: 'modbus-coil', bus: 'plant', unit: 1, coil: 3 },
      ],
    };
    const path = join(folder, 'config.yaml');
    writeFileSync(path, JSON.stringify(wanted));
    expect(await muster('config', 'apply', name, path, '--yes')).toContain('tried and confirmed');

    const out = join(folder, 'out.csv');
    let csv = '';
    await until(
      async () => {
        csv = await exported(out);
        return /,voltage,.*230\.5/.test(csv);
      },
      () => `the voltage in ${csv.slice(-2000)}`,
      60_000,
    );
    expect(await muster('set', name, 'pump', 'on', '--for', '10s')).toMatch(/pump|Pump/);
    expect(slave.coils.get(3)).toBe(true);
    expect(await muster('outputs', name)).toMatch(/Pump.*on/);
    expect(await muster('status', name)).toMatch(/Meter|meter/);
    await until(() => slave.coils.get(3) === false, 'the pump off by itself', 40_000);
  });

  async function exported(path: string): Promise<string> {
    await muster('export', '--out', path, '--device', name);
    return readFileSync(path, 'utf8');
  }
});
