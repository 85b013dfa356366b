import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributesReply, decodeRequest, nameReply, versionReply } from '../../src/demo/sftp-codec.ts';
import { MusterError } from '../../src/shared/errors.ts';

/** Bytes from hex with spaces. */
const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const u32 = (n: number) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n);
  return out;
};
const text = (value: string) => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);

function outcome(packet: Uint8Array): string {
  try {
    decodeRequest(packet);
    return 'read';
  } catch (error) {
    return error instanceof MusterError ? error.code : String(error);
  }
}

describe('decodeRequest', () => {
  it('reads INIT and OPEN as the draft lays them out', () => {
    expect(decodeRequest(hex('01 00000003'))).toEqual({ type: 'init', version: 3 });
    expect(decodeRequest(hex('03 00000005 00000002 2f61 0000001a 00000004 000001a4'))).toEqual({
      type: 'open',
      id: 5,
      path: '/a',
      flags: 26,
      attributes: { permissions: 0o644 },
    });
  });

  it('reads a WRITE beyond four gigabytes', () => {
    const request = decodeRequest(hex('06 00000007 00000004 00000009 0000000200000000 00000003 616263'));
    expect(request).toMatchObject({ type: 'write', id: 7, handle: 9, offset: 2 ** 33 });
    expect(request.type === 'write' && Buffer.from(request.data).toString()).toBe('abc');
  });

  it('reads all attributes', () => {
    const sent = hex(
      '09 00000001 00000001 61 0000000f 0000000000000010 00000001 00000002 000001ff 00000003 00000004',
    );
    expect(decodeRequest(sent)).toEqual({
      type: 'setstat',
      id: 1,
      path: 'a',
      attributes: { size: 16, uid: 1, gid: 2, permissions: 0o777, atime: 3, mtime: 4 },
    });
  });

  it('reads the extensions it offers and names the others', () => {
    const extended = (...parts: Buffer[]) => Buffer.concat([Buffer.of(200), u32(1), ...parts]);
    expect(decodeRequest(extended(text('posix-rename@openssh.com'), text('a'), text('b')))).toEqual({
      type: 'posix-rename',
      id: 1,
      from: 'a',
      to: 'b',
    });
    expect(decodeRequest(extended(text('hardlink@openssh.com')))).toEqual({
      type: 'unknown',
      id: 1,
      name: 'hardlink@openssh.com',
    });
  });

  it('gives any path back that was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (path, id) => {
        const packet = Buffer.concat([Buffer.of(17), u32(id), text(path)]);
        expect(decodeRequest(packet)).toEqual({ type: 'stat', id, path });
      }),
    );
  });

  it('refuses a packet cut anywhere, and never fails otherwise', () => {
    const whole = hex('03 00000005 00000002 2f61 0000001a 00000004 000001a4');
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeRequest(whole.subarray(0, length))).toThrow(/ends too early/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (packet) => {
        expect(outcome(packet)).toMatch(/^(read|BAD_FRAME)$/);
      }),
    );
  });
});

describe('replies', () => {
  it('are laid out as the draft says', () => {
    const plain = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    expect(plain(attributesReply(2, { size: 1, permissions: 0o100644 }))).toBe(
      plain(hex('69 00000002 00000005 0000000000000001 000081a4')),
    );
    expect(plain(nameReply(3, [{ name: 'a', long: 'bc', attributes: {} }]))).toBe(
      plain(hex('68 00000003 00000001 00000001 61 00000002 6263 00000000')),
    );
    expect(plain(versionReply({ x: '1' }))).toBe(plain(hex('02 00000003 00000001 78 00000001 31')));
  });
});
