/** The folder tree of a virtual device, read by the device's own code. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../device/config.ts';
import { driverById } from '../../device/drivers/catalog.ts';
import { createSimBus } from '../../device/sim/sim-bus.ts';
import { openDeviceFolder, writeDeviceConfig } from '../../src/demo/device-folder.ts';
import { deviceProfile, processorTemperature } from '../../src/demo/device-profile.ts';
import { FakeClock } from '../support/fake-clock.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mdf-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

async function make(number: number, port = 2022) {
  const profile = deviceProfile(number);
  const folder = await openDeviceFolder(join(dir, profile.name), profile);
  await writeDeviceConfig(folder, profile, port);
  const config = () => readFileSync(join(folder.path, 'var/lib/muster/config.yaml'), 'utf8');
  return { profile, folder, config };
}

describe('a device folder', () => {
  it('describes a board as the kernel would', async () => {
    const { folder } = await make(1);
    const text = (path: string) => readFileSync(join(folder.path, path), 'utf8');
    expect(text('proc/device-tree/model')).toBe('Raspberry Pi 4 Model B (virtual)\0');
    expect(text('proc/device-tree/serial-number')).toMatch(/^10000000[0-9a-f]{8}\0$/);
    expect(text('etc/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(text('etc/hostname')).toBe('greenhouse-1\n');
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  });

  it.each([1, 2, 3, 9, 50])('has a configuration that the daemon takes (device %i)', async (number) => {
    const { config, profile } = await make(number, 2200 + number);
    const parsed = parseConfig(config());
    expect(parsed.announce).toEqual({ by: 'self', sshPort: 2200 + number, name: profile.name });
    for (const bus of parsed.buses) {
      if (bus.kind !== 'sim') throw new Error(`a ${bus.kind} in the demo`);
      const sim = createSimBus(bus.id, bus.chips, new FakeClock());
      for (const sensor of parsed.sensors?.filter(({ bus: on }) => on === bus.id) ?? [])
        expect({ [sensor.id]: sim.chip(sensor.address ?? 0) !== undefined }).toEqual({ [sensor.id]: true });
    }
    const drivers = parsed.sensors?.map(({ driver }) => driverById(driver)?.id);
    expect(drivers?.length).toBeGreaterThanOrEqual(8);
    expect(drivers).not.toContain(undefined);
    expect(parsed.sensors?.map(({ periodMs }) => periodMs)).toContain(200);
  });

  it('stays what it is when it is opened again, but for the port', async () => {
    const first = await make(4, 2301);
    const path = join(first.folder.path, 'var/lib/muster/config.yaml');
    writeFileSync(path, `# by hand\n${first.config().replace('1000', '5000')}`);
    const second = await make(4, 2302);
    expect(second.folder).toEqual({ ...first.folder, lastPort: 2301 });
    expect(second.config()).toContain('# by hand');
    expect(parseConfig(second.config()).announce.sshPort).toBe(2302);
    expect(parseConfig(second.config()).sensors?.some(({ periodMs }) => periodMs === 5000)).toBe(true);
  });
});

describe('profiles', () => {
  const all = Array.from({ length: 50 }, (_, i) => deviceProfile(i + 1));

  it('differ in name, and no two charts are alike', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(50);
    const shapes = all.map(({ temperature, humidity, light }) =>
      JSON.stringify([temperature, humidity, light]),
    );
    expect(new Set(shapes).size).toBe(50);
    expect(new Set(all.map(({ model }) => model)).size).toBeGreaterThan(2);
  });

  it('name hosts that DNS takes', () => {
    for (const { name } of all) expect(name).toMatch(/^[a-z][a-z0-9-]{0,62}$/);
  });

  it('warm a processor plausibly, always in five digits', () => {
    for (const profile of all)
      for (let second = 0; second < 600; second++) {
        const text = processorTemperature(profile, second);
        expect(text).toMatch(/^[3-7]\d{4}$/);
      }
    expect(processorTemperature(all[0]!, 1)).not.toBe(processorTemperature(all[0]!, 2));
  });
});
