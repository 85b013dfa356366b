import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configuredTarget } from '../../../src/core/ssh/ssh-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-ssh-config-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function lookUp(text: string, host: string, port = 22) {
  const path = join(dir, 'config');
  writeFileSync(path, text);
  return configuredTarget({ host, port }, path);
}

describe('~/.ssh/config', () => {
  it('says nothing where there is none', async () => {
    expect(await configuredTarget({ host: 'pump', port: 22 }, join(dir, 'none'))).toEqual({
      host: 'pump',
      port: 22,
      user: null,
      identityFiles: [],
    });
  });

  it('names host, port, user and keys; what comes first counts, keys add up', async () => {
    const text = `
Host pump
  HostName 192.168.4.20
  Port 2222
  User tech
  IdentityFile ~/.ssh/field
Host *
  User pi
  IdentityFile %d/keys/%h
`;
    expect(await lookUp(text, 'pump')).toEqual({
      host: '192.168.4.20',
      port: 2222,
      user: 'tech',
      identityFiles: [join(homedir(), '.ssh/field'), join(homedir(), 'keys/pump')],
    });
    expect(await lookUp(text, 'other.local')).toMatchObject({ host: 'other.local', port: 22, user: 'pi' });
  });

  it('leaves a port alone that a person gave', async () => {
    expect(await lookUp('Host pump\n Port 2222\n', 'pump', 2200)).toMatchObject({ port: 2200 });
  });

  it('builds a host name from the pattern', async () => {
    expect(await lookUp('Host *-box\n HostName %h.example\n', 'pump-box')).toMatchObject({
      host: 'pump-box.example',
    });
  });

  it('reads included files, also by pattern', async () => {
    mkdirSync(join(dir, 'config.d'));
    writeFileSync(join(dir, 'config.d', '10-pump'), 'Host pump\n User first\n');
    writeFileSync(join(dir, 'config.d', '20-pump'), 'Host pump\n User second\n Port 2201\n');
    expect(await lookUp('Include config.d/*\n', 'pump')).toMatchObject({ user: 'first', port: 2201 });
  });

  it('survives a file that includes itself', async () => {
    expect(await lookUp('Host pump\n Port 2222\nInclude config\n', 'pump')).toMatchObject({ port: 2222 });
  });

  it('runs no command of a Match', async () => {
    const mark = join(dir, 'ran');
    expect(await lookUp(`Match exec "touch ${mark}"\n Port 2222\n`, 'pump')).toMatchObject({ port: 22 });
    const { existsSync } = await import('node:fs');
    expect(existsSync(mark)).toBe(false);
  });

  it('says that a host behind a jump host cannot be reached', async () => {
    await expect(lookUp('Host pump\n ProxyJump gate\n', 'pump')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { host: 'pump' },
    });
  });

  it('names a file that cannot be understood', async () => {
    await expect(lookUp('Host "pump\n', 'pump')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      details: { field: join(dir, 'config') },
    });
  });
});
