import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokerAccess } from '../../../../device/bus/mqtt/broker-access.ts';
import { parseConfig } from '../../../../device/config.ts';
import { machineOf } from '../../../support/machine.ts';

const broker = 'mqtt://broker.farm:1883';
const configOf = (bus: object) =>
  parseConfig(JSON.stringify({ version: 1, buses: [{ id: 'house', kind: 'mqtt', ...bus }] }));

describe('a broker in the configuration', () => {
  it.each([[broker], ['mqtts://10.0.0.1'], ['mqtt://[fd00::1]:1884']])('may be %s', (url) => {
    expect(configOf({ broker: url }).buses[0]).toMatchObject({ broker: url });
  });

  it.each([
    [{}, 'must be like mqtt://'],
    [{ broker: 'http://broker.farm' }, 'must be like mqtt://'],
    [{ broker: 'mqtt://me:secret@broker.farm' }, 'the password into a file'],
    [{ broker, clientId: 'a b' }, 'letters, digits'],
    [{ broker, password: 'secret' }, 'password'],
  ])('is refused as %j', (bus, words) => {
    expect(() => configOf(bus)).toThrow(words);
  });
});

describe('what it takes to get in', () => {
  let prefix: string;
  beforeEach(() => {
    prefix = mkdtempSync(join(tmpdir(), 'mqa-'));
    mkdirSync(join(prefix, 'var/lib/muster'), { recursive: true });
  });
  afterEach(() => rmSync(prefix, { recursive: true, force: true }));
  const put = (name: string, text: string, mode: number): void =>
    writeFileSync(join(prefix, 'var/lib/muster', name), text, { mode });
  const access = (settings: object) => brokerAccess('house', { broker, ...settings }, prefix, machineOf({}));

  it('has a client id of the device, the same every time', () => {
    const { clientId } = access({});
    expect(clientId).toMatch(/^muster-[0-9a-f]{8}-bus-house$/);
    expect(access({}).clientId).toBe(clientId);
    expect(access({ clientId: 'mine' }).clientId).toBe('mine');
  });

  it('reads password and certificates from their files', () => {
    put('house.password', 'open-sesame\n', 0o600);
    put('farm.pem', 'PEM', 0o644);
    expect(access({ user: 'a', passwordFile: 'house.password', caFile: 'farm.pem' })).toMatchObject({
      user: 'a',
      password: 'open-sesame',
      ca: 'PEM',
    });
  });

  it('names a file that is not there or that others can read', () => {
    expect(() => access({ passwordFile: 'house.password' })).toThrow(/house\.password is missing/);
    put('house.password', 'open-sesame', 0o644);
    expect(() => access({ passwordFile: 'house.password' })).toThrow(/can be read by others/);
    expect(() => access({ caFile: 'none.pem' })).toThrow(/none\.pem cannot be read/);
  });
});
