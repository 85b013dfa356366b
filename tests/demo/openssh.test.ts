/** OpenSSH's own client against a virtual device: what works with a real board works here. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { isAlive } from './is-alive.ts';
import { until } from '../support/until.ts';
import { oneDevice, type OneDevice } from './one-device.ts';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

describe.skipIf(!need('ssh'))('OpenSSH and a virtual device', () => {
  let device: OneDevice;
  let dir: string;
  let options: string[];

  beforeAll(async () => {
    device = await oneDevice();
    dir = mkdtempSync(join(tmpdir(), 'mso-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'id')]);
    const settings = [
      'BatchMode=yes',
      'LogLevel=ERROR',
      'StrictHostKeyChecking=no',
      `UserKnownHostsFile=${join(dir, 'known')}`,
    ];
    options = ['-F', 'none', '-i', join(dir, 'id'), ...settings.flatMap((setting) => ['-o', setting])];
  });
  afterAll(async () => {
    await device.remove();
    rmSync(dir, { recursive: true });
  });

  function run(program: string, args: string[], input?: string | Buffer): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(
        program,
        args,
        { maxBuffer: 64 * 1024 * 1024, encoding: 'latin1' },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  }
  const ssh = (command: string, input?: string | Buffer) =>
    run('ssh', [...options, '-p', String(device.port), 'pi@127.0.0.1', command], input);
  const sftp = (batch: string) =>
    run('sftp', [...options, '-b', '-', '-P', String(device.port), 'pi@127.0.0.1'], batch);

  it('lets a key in from the moment it is in authorized_keys', async () => {
    const before = await ssh('true');
    expect(before.code).toBe(255);
    expect(before.stderr).toContain('Permission denied (publickey,password)');
    mkdirSync(join(device.home, '.ssh'));
    writeFileSync(
      join(device.home, '.ssh', 'authorized_keys'),
      `# keys\nnonsense\n${readFileSync(join(dir, 'id.pub'), 'utf8')}`,
    );
    expect(await ssh('true')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('refuses a key that stands behind options which it would not honour', async () => {
    const path = join(device.home, '.ssh', 'authorized_keys');
    const plain = readFileSync(path, 'utf8');
    writeFileSync(path, `command="true" ${readFileSync(join(dir, 'id.pub'), 'utf8')}`);
    const refused = await ssh('true');
    writeFileSync(path, plain);
    expect(refused.code).toBe(255);
  });

  it('carries exit codes, input, output and errors', async () => {
    expect((await ssh('exit 7')).code).toBe(7);
    expect(await ssh('cat; echo no >&2; exit 3', 'in\n')).toEqual({
      code: 3,
      stdout: 'in\n',
      stderr: 'no\n',
    });
    const bytes = randomBytes(3_000_000);
    expect((await ssh('sha256sum', bytes)).stdout).toMatch(/^[0-9a-f]{64} /);
    expect((await ssh('cat', bytes)).stdout).toBe(bytes.toString('latin1'));
  });

  it('tells that a signal ended the command', async () => {
    // OpenSSH's client reports an exit signal as 255.
    expect((await ssh('kill -TERM $$')).code).toBe(255);
  });

  describe('loses nothing of a client that does not read for a while', () => {
    const BLOCKS = 90;
    /** Shell words that write blocks of a letter and keep count of them in a file. */
    const writer = (letter: string) =>
      `for i in $(seq ${BLOCKS}); do head -c 100000 /dev/zero | tr "\\0" ${letter}; echo $i > $TMPDIR/${letter}; done`;
    const count = (letter: string) => {
      const path = join(device.folder, 'tmp', letter);
      return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
    };
    async function isStuck(letter: string): Promise<void> {
      let last = 0;
      let still = 0;
      await until(() => {
        const now = count(letter);
        still = now > 0 && now === last ? still + 1 : 0;
        last = now;
        return still >= 15;
      }, `the writer of ${letter} is stuck`);
      expect(last).toBeLessThan(BLOCKS);
    }
    /** How much came, and how much of it is not `letter`. */
    async function read(from: AsyncIterable<unknown>, letter: string): Promise<[number, number]> {
      let text = '';
      for await (const chunk of from) text += String(chunk);
      return [text.length, text.replaceAll(letter, '').length];
    }
    const whole = [BLOCKS * 100_000, 0];
    const start = (command: string) => {
      for (const letter of 'oe') rmSync(join(device.folder, 'tmp', letter), { force: true });
      return spawn('ssh', [...options, '-p', String(device.port), 'pi@127.0.0.1', command]);
    };

    it('with both outputs stuck at once', async () => {
      const child = start(`(${writer('o')}) & (${writer('e')}) >&2 & wait`);
      await Promise.all([isStuck('o'), isStuck('e')]);
      const both = Promise.all([read(child.stdout, 'o'), read(child.stderr, 'e')]);
      expect(await both).toEqual([whole, whole]);
    });

    it('with one stuck after the other', async () => {
      const child = start(`${writer('o')}; (${writer('e')}) >&2`);
      await isStuck('o');
      const first = read(child.stdout, 'o');
      await isStuck('e');
      expect(await Promise.all([first, read(child.stderr, 'e')])).toEqual([whole, whole]);
    });
  });

  it('gives commands the environment of the device and nothing of this process', async () => {
    process.env['MUSTER_TEST_SECRET'] = 'leak';
    const { stdout } = await ssh('env; pwd');
    delete process.env['MUSTER_TEST_SECRET'];
    const lines = stdout.trim().split('\n');
    expect(lines).toContain(`MUSTER_PREFIX=${device.folder}`);
    expect(lines).toContain('MUSTER_ANNOUNCE_INTERFACE=127.0.0.1');
    expect(lines.at(-1)).toBe(device.home);
    const names = new Set(lines.slice(0, -1).map((line) => line.split('=')[0]));
    const expected = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'LANG', 'TMPDIR', 'PWD'];
    expect(names).toEqual(new Set([...expected, 'MUSTER_PREFIX', 'MUSTER_ANNOUNCE_INTERFACE']));
  });

  it('ends the processes of a client that hung up, whatever they ignore', async () => {
    const command = 'trap "" HUP; sleep 600 & echo $$ $!; wait';
    const child = spawn('ssh', [...options, '-p', String(device.port), 'pi@127.0.0.1', command]);
    let told = '';
    child.stdout.on('data', (chunk) => (told += String(chunk)));
    await until(() => told.includes('\n'), 'the command runs');
    const ids = told.trim().split(' ').map(Number);
    expect(ids.map(isAlive)).toEqual([true, true]);
    child.kill('SIGKILL');
    await until(() => !ids.some(isAlive), 'its processes are gone');
  });

  it('has SFTP: up, rename, list, attributes, down', async () => {
    const content = randomBytes(5_000_000);
    writeFileSync(join(dir, 'up'), content);
    const { code, stdout, stderr } = await sftp(
      [
        'pwd',
        `put ${join(dir, 'up')} part`,
        'rename part whole',
        'chmod 640 whole',
        'mkdir sub',
        'symlink whole link',
        'ls -l',
        `get link ${join(dir, 'down')}`,
        'rm link',
        'rmdir sub',
        'df',
      ].join('\n'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Remote working directory: ${device.home}`);
    expect(stdout).toMatch(/-rw-r----- .* 5000000 .* whole/);
    expect(stdout).toMatch(/lrwxrwxrwx .* link/);
    expect(readFileSync(join(dir, 'down')).equals(content)).toBe(true);
    expect(readFileSync(join(device.home, 'whole')).equals(content)).toBe(true);
  });

  it('keeps SFTP from writing outside the folder', async () => {
    const outside = join(dir, 'outside');
    writeFileSync(outside, 'as it was');
    const up = join(dir, 'id.pub');
    const { stderr } = await sftp(
      [
        `-put ${up} ${outside}`,
        `-put ${up} ../../escaped`,
        `symlink ${outside} way-out`,
        `-put ${up} way-out`,
        `symlink ${join(dir, 'new')} nowhere`,
        `-put ${up} nowhere`,
        `symlink ${dir} folder`,
        `-put ${up} folder/new`,
        `-rm folder/outside`,
        `-rename ${outside} stolen`,
        `-chmod 777 way-out`,
        `-mkdir folder/made`,
      ].join('\n'),
    );
    expect(stderr.match(/ermission denied/g)).toHaveLength(9);
    expect(readFileSync(outside, 'utf8')).toBe('as it was');
    expect(execFileSync('ls', [dir], { encoding: 'utf8' })).not.toMatch(/new|made/);
    expect(execFileSync('ls', [join(device.folder, '..')], { encoding: 'utf8' })).not.toContain('escaped');
  });

  it('forwards to a unix socket of the device, and to no other', async () => {
    const echo = createServer((socket) => socket.pipe(socket));
    const far = join(device.folder, 'run', 'echo.sock');
    const outside = join(dir, 'other.sock');
    const other = createServer((socket) => socket.end('reached'));
    await new Promise<void>((go) => echo.listen(far, go));
    await new Promise<void>((go) => other.listen(outside, go));
    const forward = async (to: string, said: string): Promise<string> => {
      const near = join(dir, `near-${said}.sock`);
      const port = String(device.port);
      const child = spawn('ssh', [...options, '-N', '-L', `${near}:${to}`, '-p', port, 'pi@127.0.0.1']);
      await until(() => isListening(near), 'the forward is there');
      const heard = await new Promise<string>((resolve) => {
        const socket = connect(near);
        let text = '';
        socket.on('data', (chunk) => (text += String(chunk)));
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
        socket.end(said);
      });
      child.kill();
      return heard;
    };
    expect(await forward(far, 'hello')).toBe('hello');
    expect(await forward(outside, 'out')).toBe('');
    expect(await forward(join(device.folder, 'run', 'absent.sock'), 'absent')).toBe('');
    echo.close();
    other.close();
  });
});

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
