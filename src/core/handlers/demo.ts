/** Calls about the demo fleet. */
import type { AreaHandlers, Parts } from './parts.ts';

/** Takes the virtual devices off the list: a stopped fleet does not come back under its old keys. */
export async function forgetDemo({ fleet, links }: Pick<Parts, 'fleet' | 'links'>): Promise<void> {
  for (const { id } of fleet.snapshot().filter((record) => record.demo)) {
    await links.hold(id);
    await fleet.forget(id);
    links.release(id);
  }
}

export function demoHandlers({ demo, discovery, fleet, links }: Parts): AreaHandlers<'demo'> {
  return {
    'demo.status'() {
      const { running, devices, login } = demo.status();
      return { running, devices: devices.length, login };
    },
    async 'demo.start'({ devices }) {
      await demo.start(devices);
      discovery()?.refresh();
      return {};
    },
    async 'demo.stop'() {
      await demo.stop();
      await forgetDemo({ fleet, links });
      return {};
    },
  };
}
