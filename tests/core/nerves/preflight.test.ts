import { describe, expect, it } from 'vitest';
import type { NervesFacts } from '../../../src/core/nerves/identify.ts';
import { readMetadata, type Metadata } from '../../../src/core/nerves/meta-conf.ts';
import { preflight, questions, type Answers } from '../../../src/core/nerves/preflight.ts';
import { upgradeTasks } from '../../support/fw-file.ts';

const facts: NervesFacts = {
  uuid: '11111111-2222-5333-8444-555555555555',
  version: '1.1.0',
  active: 'a',
  next: 'a',
  validation: 'validated',
  otherUuid: null,
  uptimeMs: 1000,
  product: 'weather',
  platform: 'rpi4',
  architecture: 'arm',
  serial: null,
  hostname: null,
  elixir: null,
  devpath: '/dev/rootdisk0',
  mediaBlocks: 1_000_000,
  rootPartition: 5,
  rootOffset: 77_324,
  rollback: 'yes',
};
const running: Record<string, string | null> = {
  nerves_fw_active: 'a',
  'a.nerves_fw_platform': 'rpi4',
  'a.nerves_fw_architecture': 'arm',
  'a.nerves_fw_validated': '1',
  'b.nerves_fw_platform': null,
  'b.nerves_fw_architecture': null,
  'b.nerves_fw_validated': null,
};

function metadata(tasks = upgradeTasks('rpi4', 'arm'), version = '1.2.0'): Metadata {
  const read = readMetadata(
    Buffer.from(
      `meta-product="p"\nmeta-version="${version}"\nmeta-platform="rpi4"\nmeta-architecture="arm"\nmbr "m" { partition "0" { block-offset=63 block-count=500000 } }\n${tasks}`,
    ),
  );
  if ('fault' in read) throw new Error(read.fault);
  return read;
}

function look(
  { tasks, version }: { tasks?: string; version?: string } = {},
  more: Partial<NervesFacts> = {},
  kv: Record<string, string | null> = {},
  partitions: [number, number][] = [],
) {
  const answers: Answers = {
    kv: new Map(Object.entries({ ...running, ...kv })),
    partitions: new Map(partitions),
  };
  const fw = { ...metadata(tasks, version), signature: null };
  return preflight('roof', fw, { facts: { ...facts, ...more }, answers, signed: false });
}

function refusal(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

const V1_TO_V2 = upgradeTasks('rpi4', 'arm').replaceAll(
  'task "upgrade.unexpected"',
  `task "upgrade.old-a" {
  reqlist = {"3", "require-partition-offset", "1", "366368"}
  on-finish { funlist = {"2", "mbr_write", "mbr"} }
}
task "upgrade.unexpected"`,
);

describe('the look before a push', () => {
  it('finds an update, a downgrade, what runs already and what is being tried', () => {
    expect(look()).toEqual({ verdict: 'update', rollsBack: 'yes', warning: 'unsigned' });
    expect(look({ version: '1.0.9' }).verdict).toBe('downgrade');
    expect(look({ version: '1.1' }).verdict).toBe('update');
    expect(look({ version: 'night' }).verdict).toBe('update');
    const { uuid } = metadata();
    expect(look({}, { uuid }).verdict).toBe('current');
    expect(look({}, { uuid, validation: 'unvalidated' }).verdict).toBe('trial');
  });

  it.each<[string, Parameters<typeof look>, object]>([
    [
      'another platform',
      [{}, { platform: 'rpi3' }],
      { code: 'FIRMWARE_MISFIT', details: { reason: 'the device is rpi3, the firmware for rpi4' } },
    ],
    ['another architecture', [{}, { architecture: 'aarch64' }], { code: 'FIRMWARE_MISFIT' }],
    [
      'firmware that is itself on trial',
      [{}, { validation: 'unvalidated' }],
      { code: 'REFUSED', details: { reason: 'what it runs now is itself on trial and not confirmed yet' } },
    ],
    [
      'a medium that is too small',
      [{}, { mediaBlocks: 500_062 }],
      { code: 'DISK_FULL', details: { needed: 500_063 * 512 } },
    ],
    ['no devpath', [{}, { devpath: null }], { code: 'UNSUPPORTED' }],
    [
      'a slot that is not confirmed in the store',
      [{}, {}, { 'a.nerves_fw_validated': '0' }],
      {
        code: 'FIRMWARE_MISFIT',
        details: { reason: expect.stringContaining('Please check the media') as string },
      },
    ],
    [
      'tasks that are all for something else',
      [
        { tasks: 'task "upgrade.x" { reqlist = {"3", "require-partition-offset", "1", "5"} }' },
        {},
        {},
        [[2, 77_324]],
      ],
      { code: 'FIRMWARE_MISFIT' },
    ],
  ])('refuses %s', (_what, input, error) => {
    expect(refusal(() => look(...input))).toMatchObject(error);
  });

  it('warns of the one way from 1.x to 2.x, and says that there is no way back', () => {
    const v1 = { nerves_fw_active: 'x' };
    const found = look({ tasks: V1_TO_V2 }, { rollback: 'no', rootPartition: 2 }, v1, [[2, 366_368]]);
    expect(found.rollsBack).toBe('no');
    expect(found.warning).toContain('no way back');
    expect(look({ tasks: V1_TO_V2 }).warning).toBe('unsigned');
  });

  it('leaves to the device what cannot be known', () => {
    const tasks =
      'task "upgrade.a" { reqlist = {"3", "require-path-on-device", "/", "x"} }\ntask "upgrade.no" { on-init { funlist = {"2", "error", "no"} } }';
    expect(look({ tasks })).toMatchObject({ verdict: 'update', rollsBack: 'unknown' });
    expect(() => look({ tasks: tasks.split('\n')[1]! })).toThrow(
      expect.objectContaining({ code: 'FIRMWARE_MISFIT' }),
    );
  });

  it('knows old systems that trust every update', () => {
    const tasks =
      'task "upgrade.a" { on-finish { funlist = {"4", "uboot_setenv", "uboot-env", "a.nerves_fw_validated", "1", "2", "mbr_write", "mbr-a"} } }';
    expect(look({ tasks }).rollsBack).toBe('no');
  });

  it('asks only what the tasks want to know', () => {
    const { kv, partitions } = questions(metadata(V1_TO_V2));
    expect(kv.toSorted()).toEqual(Object.keys(running).toSorted());
    expect(partitions).toEqual([2]);
  });
});
