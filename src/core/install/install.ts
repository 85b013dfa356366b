/**
 * Carries out a plan: sends the files to a waiting folder of the login user, then lets one privileged script take
 * them to their places. Owns: the order of the steps, their progress, cancelling. Refuses: to decide what is to be
 * done (plan.ts). Every step can be run again, so a cut anywhere is healed by installing again.
 * Called by: the engine.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { ADDONS, type PublicKey } from '../../shared/firmware.ts';
import { noLog, type Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import { realClock } from '../real-clock.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { avahiService, firstConfig } from './device-config.ts';
import type { DaemonFile, Inspection } from './inspect.ts';
import { placeScript } from './place-script.ts';
import { checkSudo, runPrivileged } from './privileged.ts';
import { nodeRuntime } from './runtime.ts';
import { RUNTIME_PINS, RUNTIME_VERSION } from './runtime-pin.ts';
import { shellQuote } from './shell-quote.ts';
import { Staging } from './staging.ts';
import { StepList } from './step-list.ts';

export interface InstallInput {
  inspection: Inspection;
  daemon: DaemonFile;
  runtimeCache: string;
  /** Folder with muster.service, muster-guard.sh, muster-supervise.sh, and addons by architecture. */
  assetsDir: string;
  /** Our authorized_keys line, null when no key of ours shall be let in. */
  ownPublicLine: string | null;
  /** Whose firmware the device is to take, null: nobody is added. */
  signingKey: PublicKey | null;
  sudoPassword: string | null;
  onSteps: (steps: Step[]) => void;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
  log?: Log | undefined;
}

/**
 * Installs, and returns the device's id once its daemon answers.
 * Throws RUNTIME_UNAVAILABLE, SFTP_UNAVAILABLE, DISK_FULL, DEVICE_BUSY, SUDO_PASSWORD_NEEDED, SUDO_PASSWORD_WRONG,
 * SYSTEM_UNSUPPORTED, DAEMON_NOT_STARTED (with the daemon's last words), INSTALL_STEP_FAILED, CONNECTION_LOST,
 * CANCELLED. The step that failed is `failed` in the rows.
 */
export async function install(connection: SshConnection, input: InstallInput): Promise<{ id: string }> {
  const { plan, facts } = input.inspection;
  const steps = new StepList(plan.steps, input.clock ?? realClock, input.onSteps);
  try {
    const outcome = plan.changes ? await carryOut(connection, input, steps) : { id: facts.identity ?? '' };
    steps.end('done');
    return outcome;
  } catch (thrown) {
    steps.end('failed');
    throw thrown;
  }
}

async function carryOut(
  connection: SshConnection,
  { inspection, daemon, ownPublicLine, sudoPassword, signal, ...input }: InstallInput,
  steps: StepList,
): Promise<{ id: string }> {
  const { facts, plan } = inspection;
  const log = input.log ?? noLog;
  const has = (id: string) => plan.steps.some((step) => step.id === id);
  const onProgress = (done: number, total: number) => steps.progress(done, total);
  const privileged = facts.prefix === '' ? facts.privileged : 'none';
  await checkSudo(connection, { privileged, sudoPassword, signal });
  const staging = await Staging.open(connection, facts.stage, signal);
  const runtimeFile = `runtime-${RUNTIME_VERSION}.gz`;
  const daemonFile = `daemon-${daemon.sha256.slice(0, 16)}.mjs`;

  if (has('send-runtime')) {
    steps.begin('fetch');
    const runtime = await nodeRuntime({ arch: facts.arch, cacheDir: input.runtimeCache, signal, log });
    steps.begin('send-runtime');
    await staging.send(runtime.path, runtimeFile, { sha256: runtime.sha256, onProgress });
  }
  if (has('send-daemon')) {
    steps.begin('send-daemon');
    await staging.send(daemon.path, daemonFile, { sha256: daemon.sha256, onProgress });
  }

  steps.begin('place');
  const key = has('access') && ownPublicLine !== null ? ownPublicLine : '';
  const asset = (name: string) => readFile(join(input.assetsDir, name));
  await staging.send(await asset('muster.service'), 'muster.service');
  await staging.send(await asset('muster-guard.sh'), 'muster-guard.sh');
  await staging.send(await asset('muster-supervise.sh'), 'muster-supervise.sh');
  for (const addon of ADDONS) await staging.send(await asset(`addons/${facts.arch}/${addon}`), addon);
  await staging.send(Buffer.from(firstConfig(facts)), 'config.yaml');
  await staging.send(Buffer.from(avahiService(facts, daemon.version)), 'muster-avahi.service');
  const script = placeScript({
    prefix: facts.prefix,
    stage: facts.stage,
    init: facts.init,
    avahi: facts.avahi,
    loginUser: facts.user,
    runtimeVersion: RUNTIME_VERSION,
    runtimeSha256: RUNTIME_PINS[facts.arch].sha256,
    runtimeFile,
    daemonVersion: daemon.version,
    daemonSha256: daemon.sha256,
    daemonFile,
    identity: randomUUID(),
    keyFile: `${facts.home}/.ssh/authorized_keys`,
    keyLine: key,
    signingKey: signingKeyLine(input.signingKey),
  });
  await staging.send(Buffer.from(script), 'place.sh');
  let id = '';
  await runPrivileged(connection, {
    script: staging.path('place.sh'),
    privileged,
    sudoPassword,
    signal,
    onReport([word, value]) {
      if (word === 'step' && value) steps.begin(value);
      if (word === 'id' && value) id = value;
    },
  });
  if (key) {
    steps.begin('access');
    await letIn(connection, key, signal);
  }
  await staging.remove();
  log('info', 'installed', { id, version: daemon.version, prefix: facts.prefix });
  return { id };
}

/** As the device keeps it, whatever else came along. */
function signingKeyLine(key: PublicKey | null): string {
  return key === null ? '' : JSON.stringify({ id: key.id, name: key.name, key: key.key });
}

/** Adds our line to the login user's authorized_keys, as that user, whole or not at all. */
async function letIn(connection: SshConnection, line: string, signal?: AbortSignal): Promise<void> {
  const script = [
    'umask 077',
    'mkdir -p "$HOME/.ssh" && cd "$HOME/.ssh" || exit 1',
    `line=${shellQuote(line)}`,
    'grep -qxF "$line" authorized_keys 2>/dev/null && exit 0',
    '{',
    '  cat authorized_keys 2>/dev/null',
    // A last line without an end would swallow ours.
    '  [ -n "$(tail -c 1 authorized_keys 2>/dev/null)" ] && echo',
    '  printf "%s\\n" "$line"',
    '} >.authorized_keys.muster || exit 1',
    'mv -f .authorized_keys.muster authorized_keys',
  ].join('\n');
  const { code, stderr } = await connection.exec('sh -s', {
    stdin: `${script}\n`,
    signal,
    timeoutMs: 30_000,
  });
  if (code !== 0)
    throw new MusterError('INSTALL_STEP_FAILED', `authorized_keys: ${stderr.trim() || `exit ${code}`}`, {
      reason: stderr.trim().slice(0, 300),
    });
}
