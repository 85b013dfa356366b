/** Calls about the demo fleet. */
import type { AreaHandlers, Parts } from './parts.ts';

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
      for (const { id } of fleet.snapshot().filter((record) => record.demo)) {
        await links.hold(id);
        await fleet.forget(id);
        links.release(id);
      }
      return {};
    },
  };
}
