import { describe, expect, it } from 'vitest';
import { fittingFile } from '../../../src/core/firmware/fitting-file.ts';
import { bareDevice } from '../../support/fake-fleet.ts';
import { firmwareFile } from '../../support/firmware-file.ts';

const bundle = (...architectures: string[]) => firmwareFile({ architectures });
const nerves = (platform: string) => firmwareFile({ kind: 'nerves', platform, architectures: ['arm'] });
const pump = (arch: string | null) => bareDevice('p', 'pump', 0, { kind: 'muster', arch });
const weather = (model: string | null) => bareDevice('w', 'weather', 0, { kind: 'nerves', model });

describe('the file of a push that is for a device', () => {
  it('is the first of its kind', () => {
    const files = [nerves('rpi4'), bundle('arm64'), bundle('arm64'), nerves('rpi0')];
    expect(fittingFile(pump('arm64'), files)).toBe(1);
    expect(fittingFile(weather('rpi4'), files)).toBe(0);
  });

  it('is the one for its board, where there is one', () => {
    const files = [bundle('arm64'), nerves('rpi4'), bundle('x64'), nerves('rpi0')];
    expect(fittingFile(pump('x64'), files)).toBe(2);
    expect(fittingFile(weather('rpi0'), files)).toBe(3);
  });

  it('is the first of its kind where the board is not known, or no file is for it: the device says no', () => {
    const files = [bundle('arm64'), nerves('rpi4')];
    expect([fittingFile(pump(null), files), fittingFile(pump('x64'), files)]).toEqual([0, 0]);
    expect([fittingFile(weather(null), files), fittingFile(weather('x86_64'), files)]).toEqual([1, 1]);
  });

  it('is none where all are of the other kind, and that is said in words', () => {
    expect(() => fittingFile(weather('rpi4'), [bundle('arm64')])).toThrow(
      'weather: it is not Nerves firmware, and this device runs Nerves',
    );
    expect(() => fittingFile(pump('arm64'), [nerves('rpi4'), nerves('rpi0')])).toThrow(
      'pump: all of them are Nerves firmware, and this device does not run Nerves',
    );
  });
});
