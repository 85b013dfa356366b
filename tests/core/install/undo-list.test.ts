import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daemonCommand, layoutAt } from '../../../src/core/install/layout.ts';
import { shellQuote } from '../../../src/core/install/shell-quote.ts';
import { parseUndoList, undoScript, type UndoEntry } from '../../../src/core/install/undo-list.ts';
import { MusterError } from '../../../src/shared/errors.ts';

const list = (...entries: unknown[]) => JSON.stringify({ version: 1, entries });

describe('an undo list', () => {
  const whole: UndoEntry[] = [
    { kind: 'tree', path: '/opt/muster' },
    { kind: 'data', path: '/var/lib/muster' },
    { kind: 'group', name: 'muster' },
    { kind: 'user', name: 'muster' },
    { kind: 'service', name: 'muster.service' },
    { kind: 'file', path: '/etc/systemd/system/muster.service' },
  ];

  it('is undone with what runs first and the list itself last', () => {
    const lines = undoScript(parseUndoList(list(...whole), ''), '', false).split('\n');
    const at = (words: string) => lines.findIndex((line) => line.includes(words));
    const order = [
      'disable --now',
      'systemd/system',
      'userdel',
      'groupdel',
      '/var/lib/muster',
      "rm -rf '/opt/muster'",
    ];
    expect(order.map(at)).toEqual(order.map(at).toSorted((a, b) => a - b));
    expect(order.map(at)).not.toContain(-1);
  });

  it('leaves the data and the account that owns them, if wished', () => {
    const script = undoScript(whole, '', true);
    for (const kept of ['/var/lib/muster', 'userdel', 'groupdel']) expect(script).not.toContain(kept);
    expect(script).toContain("rm -rf '/opt/muster'");
  });

  it.each([
    { kind: 'tree', path: '/' },
    { kind: 'tree', path: '/etc' },
    { kind: 'tree', path: '/opt/muster/../..' },
    { kind: 'data', path: '/home' },
    { kind: 'file', path: '/etc/passwd' },
    { kind: 'dir', path: '/home' },
    { kind: 'process', path: '/tmp/x.sh' },
    { kind: 'service', name: 'ssh.service' },
    { kind: 'user', name: 'pi' },
    { kind: 'group', name: 'sudo' },
    { kind: 'member', name: 'pi', group: 'sudo' },
    { kind: 'member', name: '$(reboot)', group: 'muster' },
    { kind: 'line', path: '/etc/passwd', text: 'ssh-ed25519 AAAAAAAAAAAA muster' },
    { kind: 'line', path: '/home/pi/.ssh/authorized_keys', text: 'ssh-rsa AAAAAAAAAAAAAAAA someone' },
  ])('that names what is not of Muster is refused: %j', (entry) => {
    expect(() => parseUndoList(list(entry), '')).toThrow(MusterError);
  });

  it('that is damaged is refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseUndoList(text, '')).toThrow(MusterError);
      }),
    );
  });
});

describe('a layout', () => {
  it('lies below its prefix, and the daemon is told which', () => {
    const layout = layoutAt('/tmp/d 1'.replace(' ', '-'));
    expect(layout.socket).toBe('/tmp/d-1/run/muster/muster.sock');
    const command = daemonCommand(layout, 'bridge');
    expect(command).toContain('/tmp/d-1/opt/muster/current/muster-daemon.mjs');
    expect(command).toMatch(/^exec sh -c '.*MUSTER_PREFIX=.*tmp\/d-1.* bridge'$/);
    expect(layoutAt('').opt).toBe('/opt/muster');
  });

  it.each(['relative', '/a b', "/a'b", '/$(x)', '/a\nb', '//', '/'.padEnd(90, 'x')])(
    'refuses the prefix %j',
    (prefix) => {
      expect(() => layoutAt(prefix)).toThrow(expect.objectContaining({ code: 'SYSTEM_UNSUPPORTED' }));
    },
  );
});

it('quotes any text as one word of a shell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // A zero byte ends a string in C, so that no program can be given one.
      const word = text.replaceAll('\0', '').toWellFormed();
      expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(word);
    }),
    { numRuns: 40 },
  );
});
