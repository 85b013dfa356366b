/** Where Muster keeps things on a laptop, by each system's own custom. The only reader of these variables. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Absolute folders. `site` holds one archive and its device records; `config` this person's key; `cache` runtimes. */
export interface Places {
  site: string;
  config: string;
  cache: string;
}

/** The usual places; `site` replaces the usual site. `MUSTER_SITE` does the same for every command. */
export function usualPlaces(site: string | null, env = process.env, platform = process.platform): Places {
  const home = homedir();
  // XDG Base Directory Specification: empty is as unset, relative is invalid and to be ignored
  const xdg = (name: string): string | null => (isAbsolute(env[name] ?? '') ? env[name]! : null);
  const usual = {
    linux: {
      data: xdg('XDG_DATA_HOME') ?? join(home, '.local/share'),
      config: xdg('XDG_CONFIG_HOME') ?? join(home, '.config'),
      cache: xdg('XDG_CACHE_HOME') ?? join(home, '.cache'),
    },
    darwin: {
      data: join(home, 'Library/Application Support'),
      config: join(home, 'Library/Application Support'),
      cache: join(home, 'Library/Caches'),
    },
    win32: {
      data: env['APPDATA'] ?? join(home, 'AppData/Roaming'),
      config: env['APPDATA'] ?? join(home, 'AppData/Roaming'),
      cache: env['LOCALAPPDATA'] ?? join(home, 'AppData/Local'),
    },
  };
  const base = usual[platform === 'darwin' || platform === 'win32' ? platform : 'linux'];
  return {
    site: site ?? env['MUSTER_SITE'] ?? join(base.data, 'muster', 'site'),
    config: join(base.config, 'muster'),
    cache: join(base.cache, 'muster'),
  };
}
