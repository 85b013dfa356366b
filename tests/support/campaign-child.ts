/**
 * An engine's campaigns as a process of their own, to be killed by a test: `DIR BUNDLE SOCKET DEVICE start|resume`.
 * Ends when the only campaign of the folder is over.
 */
import { connect } from 'node:net';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { createCampaigns } from '../../src/core/firmware/campaigns.ts';
import { deviceTarget } from '../../src/core/firmware/device-target.ts';
import { inspectFirmware } from '../../src/core/firmware/inspect-firmware.ts';
import { openKeyring } from '../../src/core/firmware/keyring.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';
import { bareDevice } from './fake-fleet.ts';

const [dir = '', path = '', socket = '', device = '', how] = process.argv.slice(2);
const campaigns = createCampaigns({
  dir,
  clock: realClock,
  log: noLog,
  device: (id) => bareDevice(id, 'pump', 0, { presence: 'nearby' }),
  inspect: (file) => inspectFirmware(file, openKeyring(dir)),
  target: (id, file) => {
    const open = () => Promise.resolve(socketPipe(connect(socket)));
    return deviceTarget({ device: id, open, file, clock: realClock, log: noLog });
  },
  emit: ({ endedAt }) => {
    if (endedAt !== null) void campaigns.close().then(() => process.exit(0));
  },
  resume: true,
});
if (how === 'start')
  await campaigns.start({ paths: [path], devices: [device], canary: 1, cap: 8, maxFailures: 1 });
