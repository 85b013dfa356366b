import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { usualPlaces } from '../../src/core/places.ts';

describe('the places of a laptop', () => {
  it('are where the XDG base directories say', () => {
    const env = { XDG_DATA_HOME: '/d', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/x' };
    expect(usualPlaces(null, env, 'linux')).toEqual({
      site: '/d/muster/site',
      config: '/c/muster',
      cache: '/x/muster',
    });
  });

  it('never depend on the folder that a command is run in: what is empty or relative counts as not set', () => {
    const usual = {
      site: `${homedir()}/.local/share/muster/site`,
      config: `${homedir()}/.config/muster`,
      cache: `${homedir()}/.cache/muster`,
    };
    for (const value of ['', 'here', './here'])
      expect(
        usualPlaces(null, { XDG_DATA_HOME: value, XDG_CONFIG_HOME: value, XDG_CACHE_HOME: value }, 'linux'),
      ).toEqual(usual);
  });
});
