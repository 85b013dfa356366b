/** What an installation would do on a device, in words a person reads before agreeing. Pure. */
import type { Plan } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { DeviceFacts } from './facts.ts';

/** What is to be there afterwards. */
export interface Wanted {
  daemon: { version: string; sha256: string; bytes: number };
  /** `bytes` of the gzipped runtime as sent; `here`: on this laptop already. */
  runtime: { version: string; bytes: number; unpackedBytes: number; here: boolean };
  /** Whether this laptop's key shall be let in. */
  ownKey: boolean;
}

/** Ids of the plan's steps, in the order they run. */
type StepId =
  | 'fetch'
  | 'send-runtime'
  | 'send-daemon'
  | 'place'
  | 'account'
  | 'announce'
  | 'service'
  | 'check'
  | 'access';

/** Room left free beyond the files themselves, for the journal's first days. */
const SPARE_BYTES = 32 * 1024 * 1024;

/** Plans. Throws DISK_FULL {neededBytes, freeBytes, path} when it could not end well. */
export function planInstall(facts: DeviceFacts, wanted: Wanted): Plan {
  const { daemon, runtime } = wanted;
  const sameDaemon = facts.installedSha256 === daemon.sha256;
  const sameRuntime = facts.installedRuntime === runtime.version;
  const addKey = wanted.ownKey && !facts.keyKnown;
  const wellPlaced = facts.bootsSlots && !facts.signerMissing;
  if (sameDaemon && sameRuntime && facts.answers && wellPlaced && !addKey)
    return { steps: [], uploadBytes: 0, needsSudoPassword: false, changes: false };

  const runtimeBytes = sameRuntime ? 0 : runtime.bytes;
  const daemonBytes = sameDaemon ? 0 : daemon.bytes;
  checkRoom(facts, runtimeBytes + daemonBytes, (sameRuntime ? 0 : runtime.unpackedBytes) + daemonBytes);

  const steps: { id: StepId; title: string; detail: string }[] = [];
  const step = (id: StepId, title: string, detail: string) => steps.push({ id, title, detail });
  const where = facts.prefix || '/';
  if (!sameRuntime) {
    if (!runtime.here)
      step(
        'fetch',
        'Fetch the Node.js runtime',
        `Node.js ${runtime.version} for ${facts.arch}, once, by this laptop`,
      );
    step(
      'send-runtime',
      'Send the Node.js runtime',
      `${megabytes(runtime.bytes)}, Node.js ${runtime.version}`,
    );
  }
  if (!sameDaemon)
    step('send-daemon', 'Send the Muster daemon', `version ${daemon.version}, ${megabytes(daemon.bytes)}`);
  step('place', 'Check the files and put them in place', `opt/muster and var/lib/muster in ${where}`);
  if (facts.prefix === '')
    step('account', 'Make an account for the daemon', `user and group muster; ${facts.user} joins the group`);
  if (facts.avahi && facts.prefix === '')
    step('announce', 'Announce the device on the network', '/etc/avahi/services/muster.service');
  step('service', 'Start Muster', startWords(facts));
  step('check', 'Wait until Muster answers', 'through its socket on the device');
  if (addKey)
    step('access', 'Let this laptop in by its own key', `one line in ${facts.home}/.ssh/authorized_keys`);
  return {
    steps,
    uploadBytes: runtimeBytes + daemonBytes,
    needsSudoPassword: facts.prefix === '' && facts.privileged === 'sudo-password',
    changes: true,
  };
}

function startWords(facts: DeviceFacts): string {
  return facts.init === 'systemd'
    ? 'now and whenever the device starts, by systemd'
    : 'under a supervising script; not started by itself after a restart of the device';
}

function checkRoom(facts: DeviceFacts, stageBytes: number, targetBytes: number): void {
  const shared = facts.oneFileSystem ? stageBytes : 0;
  const demands = [
    {
      path: facts.prefix || '/',
      freeBytes: facts.freeBytes,
      neededBytes: targetBytes + shared + SPARE_BYTES,
    },
    { path: facts.stage, freeBytes: facts.stageFreeBytes, neededBytes: stageBytes },
  ];
  for (const demand of demands) {
    if (demand.freeBytes >= demand.neededBytes) continue;
    const { path, freeBytes, neededBytes } = demand;
    throw new MusterError(
      'DISK_FULL',
      `${path} has ${freeBytes} bytes free, ${neededBytes} are needed`,
      demand,
    );
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
