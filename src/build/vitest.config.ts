import { defineConfig } from 'vitest/config';

/** Tests that hear and speak mDNS on this machine's loopback: two at once would find each other's devices. */
const ALONE = [
  'tests/e2e/**/*.test.ts',
  'tests/demo/**/*.test.ts',
  'tests/core/engine.test.ts',
  'tests/core/demo-fleet.test.ts',
  'tests/core/firmware/push-to-virtual-devices.test.ts',
  'tests/cli/{config,doubtful-values,modbus,mqtt,scan}.test.ts',
  'tests/core/discovery/discovery.test.ts',
  'tests/device/announce/announcer.test.ts',
];

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // a second, which is the default, is nothing to a busy machine
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // real processes on a busy machine: what fails three times running is a fault
    retry: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['tests/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
