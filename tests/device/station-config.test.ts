import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readStation } from '../../device/station-config.ts';

let dir = '';
const own = () => join(dir, 'own.yaml');
const firmware = () => join(dir, 'firmware.yaml');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-station-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('runs on the defaults where there is no file', () => {
  expect(readStation(own(), firmware())).toMatchObject({ problem: null, byFirmware: false });
});

it('takes sensors from the firmware, name and announcement from the device', () => {
  writeFileSync(own(), 'version: 1\nname: Cellar\nannounce: { by: avahi, sshPort: 2222 }\nsensors: []\n');
  writeFileSync(
    firmware(),
    'version: 1\nname: Greenhouse\nannounce: { by: self }\nsensors: [{ id: up, driver: uptime }]\n',
  );
  const { config, problem, byFirmware } = readStation(own(), firmware());
  expect({ problem, byFirmware }).toEqual({ problem: null, byFirmware: true });
  expect(config).toMatchObject({
    name: 'Cellar',
    announce: { by: 'avahi', sshPort: 2222 },
    sensors: [{ id: 'up', driver: 'uptime' }],
  });
});

it('runs on the device’s own file, and says why, when the firmware’s is not valid', () => {
  writeFileSync(own(), 'version: 1\nname: Cellar\nsensors: []\n');
  writeFileSync(firmware(), 'version: 1\nsensors: 5\n');
  const { config, problem } = readStation(own(), firmware());
  expect(problem?.code).toBe('CONFIG_INVALID');
  expect(config).toMatchObject({ name: 'Cellar', sensors: [] });
});

it('still takes the firmware’s when the device’s own is not valid', () => {
  writeFileSync(own(), '{');
  writeFileSync(firmware(), 'version: 1\nname: Greenhouse\nsensors: [{ id: up, driver: uptime }]\n');
  const { config, problem } = readStation(own(), firmware());
  expect(problem?.code).toBe('CONFIG_INVALID');
  expect(config).toMatchObject({ name: 'Greenhouse', sensors: [{ id: 'up' }] });
});
