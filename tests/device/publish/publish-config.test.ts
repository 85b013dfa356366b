/** Publishers in the configuration: what is taken, what is refused and in which words; secrets only in files. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDocument } from '../../../device/config.ts';
import { targetOf } from '../../../device/publish/publish-config.ts';
import { parseHeaders, readSecret } from '../../../device/publish/secret-file.ts';

const read = (row: string) => readDocument(`version: 1\npublishers:\n  - ${row}\n`);
const problem = (row: string) => read(row).problems[0]?.message;

describe('the list of publishers', () => {
  it.each([
    ['{id: p, kind: mqtt, broker: "mqtt://broker"}', 'mqtt://broker'],
    [
      '{id: p, kind: mqtt, broker: "mqtts://broker:8883", user: a, passwordFile: pw, homeAssistant: ha}',
      'mqtts://broker:8883',
    ],
    [
      '{id: p, kind: http, url: "https://server/in?x=1", tokenFile: /etc/token, sensors: [air]}',
      'https://server/in?x=1',
    ],
    ['{id: p, kind: prometheus}', 'http://127.0.0.1:9464/metrics'],
    ['{id: p, kind: prometheus, host: "::1", port: 9000}', 'http://[::1]:9000/metrics'],
  ])('takes %s', (row, target) => {
    const publisher = read(row).config?.publishers[0];
    expect(publisher && targetOf(publisher)).toBe(target);
  });

  it.each([
    ['{id: p, kind: mqtt, broker: "http://broker"}', 'must be an address as mqtt://broker:1883'],
    ['{id: p, kind: mqtt, broker: "mqtt://ann:secret@broker"}', 'must not hold a user or a password'],
    ['{id: p, kind: mqtt, broker: "mqtt://broker", password: x}', 'password'],
    ['{id: p, kind: mqtt, broker: "mqtt://broker", passwordFile: pw}', 'a password belongs to a user'],
    ['{id: p, kind: mqtt, broker: "mqtt://broker", prefix: "a/#"}', 'single slashes'],
    ['{id: p, kind: http, url: "ftp://x"}', 'must be an address as https://server/path'],
    ['{id: p, kind: prometheus, host: everywhere}', 'Invalid'],
    ['{id: p, kind: pigeon}', ''],
  ])('refuses %s', (row, words) => {
    expect(read(row).config).toBeNull();
    expect(problem(row)).toContain(words);
  });

  it('refuses an id that is used twice', () => {
    expect(
      readDocument('version: 1\npublishers: [{id: a, kind: prometheus}, {id: a, kind: prometheus, port: 1}]')
        .problems[0],
    ).toMatchObject({ path: 'publishers.1.id', message: '"a" is used twice' });
  });
});

describe('a secret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (text: string, mode: number) => {
    writeFileSync(join(folder, 'token'), text);
    chmodSync(join(folder, 'token'), mode);
  };

  it('is read from the folder of the configuration, without its last line end', () => {
    put('abc\n', 0o600);
    expect(readSecret('tokenFile', 'token', folder)).toBe('abc');
    expect(readSecret('tokenFile', join(folder, 'token'), '/')).toBe('abc');
  });

  it.each([0o644, 0o640, 0o602])('is refused when others can do something with it: %o', (mode) => {
    put('abc', mode);
    expect(() => readSecret('tokenFile', 'token', folder)).toThrow(/can be read by others; run chmod 600/);
  });

  it('is refused in words when it is missing or empty', () => {
    expect(() => readSecret('tokenFile', 'token', folder)).toThrow(/tokenFile: .*token is missing/);
    put('\n', 0o600);
    expect(() => readSecret('tokenFile', 'token', folder)).toThrow(/is empty/);
  });

  it('can be lines of headers; one that is none is named by its number only', () => {
    expect(parseHeaders('headersFile', 'X-Key: a b\r\n\nX-Two:c')).toEqual({ 'x-key': 'a b', 'x-two': 'c' });
    expect(() => parseHeaders('headersFile', 'X-Key: a\nhunter2')).toThrow(
      /^headersFile: line 2 is not "Name: value"$/,
    );
  });
});
