/** Against Erlang's real ssh daemon: every way in which an update of a Nerves device can end. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import { noLog } from '../../../src/shared/log.ts';
import type { Progress } from '../../../src/core/firmware/target.ts';
import { newRow } from '../../../src/core/fleet/row.ts';
import { firmwareFileOf, readFw, type FwFile } from '../../../src/core/nerves/fw-file.ts';
import { evaluator, identify, requireElixir } from '../../../src/core/nerves/identify.ts';
import { elixirString } from '../../../src/core/nerves/inspect-text.ts';
import { nervesTarget } from '../../../src/core/nerves/nerves-target.ts';
import type { NervesKey } from '../../../src/core/nerves/nerves-keys.ts';
import { realClock } from '../../../src/core/real-clock.ts';
import { connectSsh, type SshConnection } from '../../../src/core/ssh/connection.ts';
import { refuseHostKey } from '../../../src/core/trust/host-key-decision.ts';
import { fwBytes } from '../../support/fw-file.ts';
import { need } from '../../support/need.ts';
import {
  OLD_UUID,
  startNervesDevice,
  type NervesDevice,
  type NervesDeviceOptions,
} from '../../support/nerves-device.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-nt-'));
let files = 0;
/** More than the device takes before it has looked at the first of it (Erlang's window, twice). */
const LARGE = 6_000_000;
const opened: SshConnection[] = [];
/** Asks ten times as often; time itself goes on as it does. */
const hurried: Clock = { ...realClock, after: (ms, fn) => realClock.after(ms / 10, fn) };

afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => {
  for (const connection of opened.splice(0)) connection.close();
});

async function firmware(bytes: number): Promise<FwFile> {
  const path = join(dir, `${++files}.fw`);
  // noise, so that the file stays large when packed
  const data = randomBytes(bytes);
  writeFileSync(path, fwBytes({ resources: [{ name: 'rootfs.img', data }] }));
  return readFw(path);
}

function connect(device: NervesDevice, pinned = device.hostKeySha256): Promise<SshConnection> {
  return connectSsh({
    host: '127.0.0.1',
    port: device.port,
    login: { user: 'any name at all', keyPath: device.keyPath },
    verify: (offered) => refuseHostKey({ pinned, confirmed: null }, offered),
  }).then((connection) => {
    opened.push(connection);
    return connection;
  });
}

async function setUp(
  options: NervesDeviceOptions = {},
  keys: NervesKey[] = [],
  idleMs = 300_000,
  bytes = 2_000_000,
) {
  const fw = await firmware(bytes);
  const device = await startNervesDevice({ newUuid: fw.uuid, ...options });
  onTestFinished(() => device.stop());
  const record: DeviceRecord = { ...newRow('new-1', 0).record, name: 'roof', kind: 'nerves' };
  const abort = new AbortController();
  const progress: Progress[] = [];
  const commits: number[] = [];
  const make = () =>
    nervesTarget({
      record: () => record,
      connect: () => connect(device),
      file: firmwareFileOf(fw, keys),
      clock: hurried,
      log: noLog,
      keys: () => Promise.resolve(keys),
      idleMs,
    });
  const target = make();
  onTestFinished(() => target.close());
  const send = () =>
    target.send({
      onProgress: (one) => progress.push(one),
      committing: () => {
        commits.push(progress.at(-1)?.sent ?? 0);
        return Promise.resolve();
      },
      signal: abort.signal,
    });
  const follow = (by = target) => by.follow((one) => progress.push(one), new AbortController().signal);
  return { fw, device, target, make, send, follow, abort, progress, commits };
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing thrown',
    (thrown: unknown) => (thrown instanceof MusterError ? thrown.code : String(thrown)),
  );

describe.skipIf(!need('erlang-ssh', 'ssh'))('a Nerves device over Erlang ssh', { timeout: 120_000 }, () => {
  it('is identified, whatever of it answers', async () => {
    const { device } = await setUp();
    const facts = await identify(evaluator(await connect(device)));
    expect(facts).toMatchObject({
      uuid: OLD_UUID,
      version: '1.1.0',
      platform: 'rpi4',
      serial: '10000000abcd1234',
      active: 'a',
      validation: 'validated',
      rootOffset: 77_324,
      mediaBlocks: 31_116_288,
      rollback: 'yes',
    });
    const old = await setUp({
      oldRuntime: true,
      kv: {
        'a.nerves_fw_validated': null,
        'a.nerves_fw_uuid': 'no "uuid" \\ at all',
        'a.nerves_fw_product': '\u202e<b>',
      },
      files: {
        '/proc/self/mountinfo': '24 1 179:2 / / ro - squashfs /dev/root ro\n',
        '/sys/dev/block/179:2/partition': '2\n',
      },
    });
    const odd = await identify(evaluator(await connect(old.device)));
    expect(odd).toMatchObject({
      uuid: null,
      active: 'a',
      next: null,
      validation: 'unknown',
      product: '<b>',
      rollback: 'no',
    });
  });

  it('answers as Elixir prints, and is read so', async () => {
    const { device } = await setUp();
    const evaluate = evaluator(await connect(device));
    const text = 'é "quoted" \\ #{x} \n\t\u202e\0\u{1f600}';
    const values: [string, unknown][] = [
      [elixirString(text), text],
      ['Enum.to_list(1..60)', [...Array.from({ length: 50 }, (_, i) => i + 1), { opaque: '...' }]],
      ['String.duplicate("x", 5000)', { opaque: '...' }],
      [
        '{:ok, [a: 1, "b c": nil]}',
        { tuple: [{ atom: 'ok' }, [{ tuple: [{ atom: 'a' }, 1] }, { tuple: [{ atom: 'b c' }, null] }]] },
      ],
      [
        '%{"k" => -1.5e30, l: true}',
        {
          struct: null,
          entries: [
            [{ atom: 'l' }, true],
            ['k', -1.5e30],
          ],
        },
      ],
      [
        '%{uri: URI.parse("http://x/"), pid: self(), f: &is_nil/1, d: ~D[2026-01-01], set: MapSet.new([1])}',
        expect.objectContaining({ struct: null }),
      ],
      ['raise("no")', undefined],
      ['exit(:kill)', undefined],
    ];
    const answers: [string, unknown][] = [];
    for (const [expression] of values) answers.push([expression, await evaluate(expression)]);
    expect(answers).toEqual(values);
  });

  it('that does not evaluate is told from one that does', async () => {
    const { device } = await setUp({ execDisabled: true });
    expect(await code(requireElixir(await connect(device)))).toBe('UNSUPPORTED');
  });

  it('with another host key is refused before anything is sent', async () => {
    const { device } = await setUp();
    expect(await code(connect(device, 'SHA256:another'))).toBe('HOST_KEY_CHANGED');
    expect(device.events).toEqual([]);
  });

  it('takes an update: sent whole, committed before the end, confirmed by UUID', async () => {
    const { fw, device, target, make, send, follow, progress, commits } = await setUp();
    expect(await target.check(new AbortController().signal)).toEqual({
      verdict: 'update',
      from: '1.1.0',
      rollsBack: 'yes',
      warning: 'unsigned',
    });
    await send();
    expect(commits).toEqual([fw.commitAt]);
    const sha256 = createHash('sha256').update(readFileSync(fw.path)).digest('hex');
    expect(await device.event('whole')).toBe(`whole ${fw.bytes} ${sha256}`);
    expect(progress.at(-1)).toMatchObject({ sent: fw.bytes, total: fw.bytes });
    expect(progress.some(({ detail }) => /^\d+ % written on the device$/.test(detail ?? ''))).toBe(true);
    expect(await follow()).toEqual({ end: 'confirmed', reason: null });
    expect((await make().check(new AbortController().signal)).verdict).toBe('current');
  });

  it.each<[string, NervesDeviceOptions, object]>([
    ['the reboot is faster than the exit status', { ending: 'disconnect' }, { end: 'confirmed' }],
    [
      'the connection goes without a word, but it was written',
      { ending: 'silent_disconnect' },
      { end: 'confirmed' },
    ],
    [
      'status 0 is false',
      { ending: 'false_zero' },
      { end: 'failed', reason: 'the new version was not written as a whole' },
    ],
    [
      'it comes up and does not confirm itself',
      { ending: 'rollback', validateAfter: 1500 },
      { end: 'rolled-back', reason: 'the new version did not confirm itself, it runs 1.1.0 again' },
    ],
    [
      'it never comes up',
      { ending: 'never_up' },
      { end: 'rolled-back', reason: 'the new version did not come up, it runs 1.1.0 again' },
    ],
    ['it confirms itself after a while', { validateAfter: 1500 }, { end: 'confirmed' }],
    ['its system does not tell of confirmations', { oldRuntime: true }, { end: 'confirmed' }],
  ])('where %s', async (_what, options, ending) => {
    const { send, follow } = await setUp(options);
    await send();
    expect(await follow()).toMatchObject(ending);
  });

  it('on trial is seen on trial', async () => {
    const { send, follow, progress } = await setUp({ validateAfter: 1500 });
    await send();
    await follow();
    expect(progress.find(({ trial }) => trial)?.detail).toBe('runs the new version and proves itself');
  });

  it.each<[string, NervesDeviceOptions, object]>([
    [
      'Error: of the device',
      { ending: 'precheck' },
      { code: 'REFUSED', details: { reason: 'precheck failed: battery low' } },
    ],
    [
      'words of fwup',
      { ending: 'refuse' },
      { code: 'REFUSED', details: { reason: expect.stringContaining('Please check the media') as string } },
    ],
    [
      'status 0 in the midst of the file',
      { ending: { zero_after: 300_000 } },
      { code: 'REFUSED', details: { reason: 'fwup ended without saying that it succeeded' } },
    ],
    ['a cut in the midst of the file', { ending: { cut_after: 900_000 } }, { code: 'CONNECTION_LOST' }],
  ])('refuses by %s, and runs on', async (_what, options, error) => {
    const { device, send, target, commits } = await setUp(options, [], 300_000, LARGE);
    await expect(send()).rejects.toMatchObject(error);
    expect(commits).toEqual([]);
    device.setEnding('success');
    expect((await target.check(new AbortController().signal)).verdict).toBe('update');
  });

  it('that hangs is left after a while of silence', async () => {
    const { send, commits } = await setUp({ ending: { hang_after: 200_000 } }, [], 15_000);
    await expect(send()).rejects.toMatchObject({
      code: 'INSTALL_STEP_FAILED',
      details: { step: expect.stringContaining('took nothing for 15 s') as string },
    });
    expect(commits).toEqual([]);
  });

  it('is left as it is when the push is cancelled', async () => {
    const { device, send, abort, target } = await setUp({ ending: { hang_after: 200_000 } });
    const sending = code(send());
    await device.event('hangs');
    abort.abort();
    expect(await sending).toBe('CANCELLED');
    expect((await target.check(new AbortController().signal)).from).toBe('1.1.0');
  });

  it('is never sent a file that was cut, which it would wait for', async () => {
    const { fw, device, send } = await setUp();
    truncateSync(fw.path, fw.bytes - 10);
    await expect(send()).rejects.toMatchObject({ code: 'FIRMWARE_INVALID' });
    expect(device.events).toEqual([]);
  });

  it('is not sent unsigned firmware where this laptop keeps keys', async () => {
    const { target } = await setUp({}, [{ id: '0'.repeat(16), name: 'team', raw: Buffer.alloc(32) }]);
    expect(await code(target.check(new AbortController().signal))).toBe('FIRMWARE_UNSIGNED');
  });

  it('of another kind, or itself on trial, is told before anything is sent', async () => {
    const other = await setUp({ kv: { 'a.nerves_fw_platform': 'bbb' } });
    expect(await code(other.target.check(new AbortController().signal))).toBe('FIRMWARE_MISFIT');
    const trial = await setUp({ kv: { 'a.nerves_fw_validated': '0' } });
    expect(await code(trial.target.check(new AbortController().signal))).toBe('REFUSED');
  });
});
