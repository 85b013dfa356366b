import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeviceFacts } from '../../../src/core/install/facts.ts';
import { planInstall, type Wanted } from '../../../src/core/install/plan.ts';
import { planSchema } from '../../../src/shared/engine-contract.ts';

const facts: DeviceFacts = {
  hostname: 'raspberrypi',
  model: 'Raspberry Pi 4',
  system: 'Debian GNU/Linux 13',
  arch: 'arm64',
  kernel: '6.12',
  user: 'pi',
  init: 'systemd',
  privileged: 'sudo-password',
  freeBytes: 10e9,
  installedVersion: null,
  avahi: true,
  i2c: true,
  prefix: '',
  home: '/home/pi',
  serial: '1',
  stage: '/home/pi/.muster-stage',
  stageFreeBytes: 10e9,
  oneFileSystem: true,
  sshPort: 22,
  installedSha256: null,
  installedRuntime: null,
  identity: null,
  answers: false,
  bootsSlots: false,
  signerMissing: false,
  keyKnown: false,
};
const wanted: Wanted = {
  daemon: { version: '0.1.0', sha256: 'aa', bytes: 400_000 },
  runtime: { version: '24.21.0', bytes: 44_000_000, unpackedBytes: 123_000_000, here: true },
  ownKey: true,
};
const installed: DeviceFacts = {
  ...facts,
  installedVersion: '0.1.0',
  installedSha256: 'aa',
  installedRuntime: '24.21.0',
  answers: true,
  bootsSlots: true,
  keyKnown: true,
};
const ids = (changes: Partial<DeviceFacts>, want: Partial<Wanted> = {}) =>
  planInstall({ ...facts, ...changes }, { ...wanted, ...want }).steps.map((step) => step.id);

it('says all it would do on a fresh device', () => {
  const plan = planInstall(facts, wanted);
  expect(planSchema.parse(plan)).toEqual(plan);
  expect(plan.steps.map((step) => `${step.title}: ${step.detail}`)).toEqual([
    'Send the Node.js runtime: 44.0 MB, Node.js 24.21.0',
    'Send the Muster daemon: version 0.1.0, 0.4 MB',
    'Check the files and put them in place: opt/muster and var/lib/muster in /',
    'Make an account for the daemon: user and group muster; pi joins the group',
    'Announce the device on the network: /etc/avahi/services/muster.service',
    'Start Muster: now and whenever the device starts, by systemd',
    'Wait until Muster answers: through its socket on the device',
    'Let this laptop in by its own key: one line in /home/pi/.ssh/authorized_keys',
  ]);
  expect(plan).toMatchObject({ uploadBytes: 44_400_000, needsSudoPassword: true, changes: true });
});

it('fetches the runtime only where the laptop lacks it', () => {
  expect(ids({}, { runtime: { ...wanted.runtime, here: false } })[0]).toBe('fetch');
});

it('does nothing where the same version is healthy, and only what is missing else', () => {
  expect(planInstall(installed, wanted)).toEqual({
    steps: [],
    uploadBytes: 0,
    needsSudoPassword: false,
    changes: false,
  });
  const repair = ['place', 'account', 'announce', 'service', 'check'];
  expect(ids({ ...installed, answers: false })).toEqual(repair);
  expect(ids({ ...installed, installedSha256: 'bb' })).toEqual(['send-daemon', ...repair]);
  expect(ids({ ...installed, keyKnown: false })).toEqual([...repair, 'access']);
  expect(ids({ ...installed, keyKnown: false }, { ownKey: false })).toEqual([]);
});

it('touches nothing of the machine below a prefix, and needs no password there', () => {
  const changes = { prefix: '/home/pi/.muster', init: 'script', privileged: 'none' } as const;
  expect(ids(changes)).toEqual(['send-runtime', 'send-daemon', 'place', 'service', 'check', 'access']);
  expect(planInstall({ ...facts, prefix: '/tmp/d' }, wanted).needsSudoPassword).toBe(false);
});

it('asks for room for what is sent and what is unpacked, in one file system or in two', () => {
  const needed = (changes: Partial<DeviceFacts>) => {
    try {
      planInstall({ ...facts, ...changes }, wanted);
    } catch (thrown) {
      return (thrown as { details: { neededBytes: number; path: string } }).details;
    }
    return null;
  };
  const unpacked = 123_400_000 + 32 * 1024 * 1024;
  expect(needed({ freeBytes: 1000 })).toMatchObject({ neededBytes: unpacked + 44_400_000, path: '/' });
  expect(needed({ freeBytes: 1000, oneFileSystem: false })).toMatchObject({ neededBytes: unpacked });
  expect(needed({ stageFreeBytes: 1000, oneFileSystem: false })).toMatchObject({
    neededBytes: 44_400_000,
    path: '/home/pi/.muster-stage',
  });
  expect(needed({ freeBytes: unpacked + 44_400_000, stageFreeBytes: 44_400_000 })).toBeNull();
});

it('never uploads without a step that says so', () => {
  const flag = fc.boolean();
  fc.assert(
    fc.property(flag, flag, flag, flag, (sameDaemon, sameRuntime, answers, keyKnown) => {
      const plan = planInstall(
        {
          ...facts,
          installedSha256: sameDaemon ? 'aa' : null,
          installedRuntime: sameRuntime ? '24.21.0' : null,
          answers,
          keyKnown,
        },
        wanted,
      );
      const has = (id: string) => plan.steps.some((step) => step.id === id);
      expect(plan.uploadBytes).toBe(
        (has('send-runtime') ? 44_000_000 : 0) + (has('send-daemon') ? 400_000 : 0),
      );
      expect(plan.changes).toBe(plan.steps.length > 0);
    }),
  );
});
