/**
 * What a person has written down about their hosts in `~/.ssh/config` (ssh_config(5)): HostName, Port, User and
 * IdentityFile of Host and Match blocks, Include read. Owns: reading it. Refuses: to run a command (`Match exec`
 * never matches) and to follow a ProxyJump or ProxyCommand. The home of the parser. Called wherever we dial.
 */
import { glob, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { parse } from 'ssh-config';
import { MusterError } from '../../shared/errors.ts';

/** Where a name leads to, and how to log in there, as far as the file says. */
export interface ConfiguredTarget {
  /** HostName, or the name itself. */
  host: string;
  port: number;
  user: string | null;
  /** Absolute paths of private keys, in the file's order. */
  identityFiles: string[];
}

/** Stands for "not told": then the file's word counts. */
const USUAL_PORT = 22;
/**
 * Looks a host up as ssh(1) would. A missing file says nothing of any host. Throws BAD_INPUT {field, reason} for a file
 * that cannot be read or understood, UNSUPPORTED {host, reason} for a host behind a jump host.
 */
export async function configuredTarget(
  { host: name, port: asked }: { host: string; port: number },
  path = join(homedir(), '.ssh', 'config'),
): Promise<ConfiguredTarget> {
  const text = await withIncludes(path, dirname(path), []);
  const said = (() => {
    try {
      return parse(text).compute(name, { ignoreCase: true, matchExec: false });
    } catch (thrown) {
      throw unusable(path, thrown);
    }
  })();
  const one = (key: string): string | null => {
    const value = said[key];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
  const jump = one('proxyjump') ?? one('proxycommand');
  if (jump !== null && jump.toLowerCase() !== 'none')
    throw new MusterError('UNSUPPORTED', `${name} is reached through ${jump}`, {
      host: name,
      reason: `${path} sends it through another host, and Muster connects directly only`,
    });
  const port = Number(one('port'));
  const files = said['identityfile'] ?? [];
  return {
    host: (one('hostname') ?? name).replaceAll('%h', name).replaceAll('%%', '%'),
    port: asked === USUAL_PORT && Number.isInteger(port) && port > 0 && port < 65_536 ? port : asked,
    user: one('user'),
    identityFiles: (Array.isArray(files) ? files : [files])
      .filter((file) => file.toLowerCase() !== 'none')
      .map((file) => expand(file.replaceAll('%d', homedir()).replaceAll('%h', name), dirname(path))),
  };
}

/** The text with the files it includes put in their places, but none `within` itself. */
async function withIncludes(path: string, folder: string, within: readonly string[]): Promise<string> {
  if (within.includes(path)) return '';
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw unusable(path, thrown);
  }
  const lines = await Promise.all(
    text.split('\n').map(async (line) => {
      const include = /^\s*include[\s=]+(.+)$/i.exec(line)?.[1];
      if (include === undefined) return line;
      const files: string[] = [];
      for (const pattern of include.split(/\s+/).filter((part) => part !== ''))
        for await (const file of glob(expand(pattern, folder))) files.push(file);
      // ssh(1) reads the files of a pattern in lexical order
      const texts = await Promise.all(
        files.toSorted().map((file) => withIncludes(file, folder, [...within, path])),
      );
      return texts.join('\n');
    }),
  );
  return lines.join('\n');
}

function expand(file: string, folder: string): string {
  if (file.startsWith('~/')) return join(homedir(), file.slice(2));
  return isAbsolute(file) ? file : join(folder, file);
}

function unusable(path: string, thrown: unknown): MusterError {
  const { message } = thrown as Error;
  return new MusterError(
    'BAD_INPUT',
    `${path}: ${message}`,
    { field: path, reason: message.slice(0, 200) },
    thrown,
  );
}
