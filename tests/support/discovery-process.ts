/**
 * Discovery and fleet as a process, to be run inside a network namespace: prints one JSON line for each sighting,
 * fleet event and, every 200 ms, the status and the CPU time spent. Argument: the folder of the device store.
 */
import { createFleet } from '../../src/core/fleet/fleet.ts';
import { openDeviceStore } from '../../src/core/fleet/device-store.ts';
import { probeSsh } from '../../src/core/discovery/probe.ts';
import { startDiscovery } from '../../src/core/discovery/discovery.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';

const print = (event: string, data: unknown) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);
const fleet = createFleet({
  clock: realClock,
  log: noLog,
  store: openDeviceStore(process.argv[2]!, noLog),
  emit: print,
  probe: ({ host, port }) => probeSsh({ host, port, timeoutMs: 1000 }),
});
const discovery = startDiscovery({
  clock: realClock,
  log: noLog,
  onInterfaceLost: (name) => fleet.interfaceLost(name),
  onSighting(sighting) {
    print('sighting', sighting);
    fleet.sighting(sighting);
  },
});
setInterval(() => {
  const { user, system } = process.cpuUsage();
  print('status', discovery.status());
  print('cpuMs', (user + system) / 1000);
}, 200);
