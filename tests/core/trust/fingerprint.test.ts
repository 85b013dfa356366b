import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/core/trust/fingerprint.ts';
import { WORDS } from '../../../src/core/trust/words.ts';
import { fingerprintSchema } from '../../../src/shared/login.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { need } from '../../support/need.ts';

function blobOf(type: string, rest: Uint8Array): Uint8Array {
  const name = Buffer.from(type, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, rest]);
}

function typeOrCode(bytes: Uint8Array): string {
  try {
    return `type ${fingerprintOf(bytes).type}`;
  } catch (thrown) {
    return thrown instanceof MusterError ? thrown.code : String(thrown);
  }
}

describe('the word list', () => {
  it('has one short plain word for each byte', () => {
    expect(new Set(WORDS).size).toBe(256);
    expect(WORDS.filter((word) => !/^[a-z]{3,8}$/.test(word))).toEqual([]);
  });
});

describe('a fingerprint', () => {
  it.skipIf(!need('ssh')).each(['ed25519', 'rsa', 'ecdsa'])(
    'of an %s key is what ssh-keygen prints',
    (type) => {
      const dir = mkdtempSync(join(tmpdir(), 'muster-test-'));
      try {
        execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(dir, 'k')]);
        const blob = Buffer.from(readFileSync(join(dir, 'k.pub'), 'utf8').split(' ')[1] ?? '', 'base64');
        const printed = execFileSync('ssh-keygen', ['-lf', join(dir, 'k.pub')], { encoding: 'utf8' }).split(
          ' ',
        )[1];
        expect(fingerprintOf(blob).sha256).toBe(printed);
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
  );

  it('fits the contract, and its words are the first bytes of its hash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (rest) => {
        const fingerprint = fingerprintOf(blobOf('ssh-ed25519', rest));
        expect(fingerprintSchema.parse(fingerprint)).toEqual(fingerprint);
        expect(fingerprint.type).toBe('ssh-ed25519');
        const hash = Buffer.from(fingerprint.sha256.slice('SHA256:'.length), 'base64');
        const bytes = fingerprint.words.split(' ').map((word) => WORDS.indexOf(word));
        expect(bytes).toEqual([...hash.subarray(0, 8)]);
      }),
    );
  });

  it('is refused for bytes that are no key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(typeOrCode(bytes)).toMatch(/^(BAD_INPUT|type [\x21-\x7e]{1,60})$/);
      }),
    );
  });
});
