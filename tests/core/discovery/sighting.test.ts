import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitServiceName, toSighting, type RawService } from '../../../src/core/discovery/sighting.ts';

const heard = { interface: 'eth0', loopback: false, at: 1000 };
const raw: RawService = {
  service: 'ssh',
  label: 'greenhouse-2',
  host: 'Greenhouse-2.local.',
  port: 22,
  txt: [],
  published: ['10.0.0.7'],
  sender: '10.0.0.7',
  repeater: false,
};

describe('toSighting', () => {
  it('puts the sender first and keeps what else was published', () => {
    const sighting = toSighting({ ...raw, published: ['10.0.0.8', '10.0.0.7', 'fe80::1%eth0'] }, heard);
    expect(sighting?.addresses).toEqual(['10.0.0.7', '10.0.0.8', 'fe80::1%eth0']);
    expect(sighting?.host).toBe('greenhouse-2.local');
  });

  it('trusts only the sender on loopback', () => {
    const onLoopback = { ...heard, loopback: true };
    expect(toSighting({ ...raw, sender: '127.0.0.1' }, onLoopback)?.addresses).toEqual(['127.0.0.1']);
  });

  it('does not take a repeater for the device', () => {
    const sighting = toSighting(
      { ...raw, sender: '10.0.0.1', published: ['10.9.0.7'], repeater: true },
      heard,
    );
    expect(sighting?.addresses).toEqual(['10.9.0.7']);
  });

  it('refuses published addresses that no single other machine has', () => {
    const published = [
      '127.0.0.1',
      '0.0.0.0',
      '224.0.0.251',
      '255.255.255.255',
      '::1',
      'ff02::fb',
      '<b>',
      '',
    ];
    expect(toSighting({ ...raw, published }, heard)?.addresses).toEqual(['10.0.0.7']);
  });

  it.each([
    ['nerves-device', 0],
    ['workstation', 9],
  ] as const)('guesses port 22 for %s', (service, port) => {
    expect(toSighting({ ...raw, service, port }, heard)).toMatchObject({ port: 22, portGuessed: true });
  });

  it('falls back to the host for a name without a printable character, and gives up without both', () => {
    expect(toSighting({ ...raw, label: '\u202E\u0000' }, heard)?.instance).toBe('greenhouse-2.local');
    expect(toSighting({ ...raw, label: '\u0000', host: '\u0000' }, heard)).toBeNull();
  });

  it('is bounded and clean, whatever comes in', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const anything = fc.record({
      service: fc.constantFrom('muster', 'ssh', 'sftp-ssh', 'workstation', 'nerves-device'),
      label: text,
      host: text,
      port: fc.integer(),
      txt: fc.array(fc.uint8Array({ maxLength: 255 }), { maxLength: 60 }),
      published: fc.array(fc.oneof(text, fc.ipV4(), fc.ipV6()), { maxLength: 40 }),
      sender: fc.ipV4(),
      repeater: fc.boolean(),
    });
    fc.assert(
      fc.property(anything, (service) => {
        const sighting = toSighting(service, heard);
        if (!sighting) return;
        expect(sighting.instance.length).toBeGreaterThan(0);
        expect(sighting.addresses.length).toBeGreaterThan(0);
        expect(sighting.addresses.length).toBeLessThanOrEqual(8);
        expect(sighting.port).toBeGreaterThanOrEqual(1);
        expect(sighting.port).toBeLessThanOrEqual(65_535);
        expect(JSON.stringify(sighting).length).toBeLessThan(30_000);
      }),
    );
  });
});

describe('splitServiceName', () => {
  it('keeps dots of the instance', () => {
    expect(splitServiceName('Weather Station 1.5 (roof)._SSH._tcp.local')).toEqual({
      service: 'ssh',
      label: 'Weather Station 1.5 (roof)',
    });
  });

  it('knows no other type, and no name without an instance', () => {
    expect(splitServiceName('printer._ipp._tcp.local')).toBeNull();
    expect(splitServiceName('_ssh._tcp.local')).toBeNull();
    expect(splitServiceName('x_ssh._tcp.local')).toBeNull();
  });
});
