/** Looks at a device and plans; changes nothing. */
import { stat } from 'node:fs/promises';
import type { Plan } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { PublicKey } from '../../shared/firmware.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { factsOf, parseProbe, type DeviceFacts } from './facts.ts';
import { layoutAt, prefixOf, type Layout } from './layout.ts';
import { planInstall } from './plan.ts';
import { PROBE_SCRIPT } from './probe-script.ts';
import { cachedRuntime } from './runtime.ts';
import { RUNTIME_PINS, RUNTIME_VERSION } from './runtime-pin.ts';
import { shellQuote } from './shell-quote.ts';

/** The daemon's bundle on this laptop, as built. */
export interface DaemonFile {
  path: string;
  version: string;
  /** Hex. */
  sha256: string;
}

export interface InspectInput {
  daemon: DaemonFile;
  runtimeCache: string;
  /** Our authorized_keys line, null when no key of ours shall be let in. */
  ownPublicLine: string | null;
  /** Our signing key, null when none of ours shall be trusted there. */
  signingKey: PublicKey | null;
  signal?: AbortSignal | undefined;
}

export interface Inspection {
  facts: DeviceFacts;
  plan: Plan;
  layout: Layout;
}

/** A Pi Zero that is busy takes its time, ms. */
const PROBE_TIMEOUT_MS = 60_000;

/** Facts and layout alone: all that uninstalling needs. Throws as `inspect` does, except DISK_FULL. */
export async function look(
  connection: SshConnection,
  { ownPublicLine, signingKey, signal }: Pick<InspectInput, 'ownPublicLine' | 'signingKey' | 'signal'>,
): Promise<Pick<Inspection, 'facts' | 'layout'>> {
  const key = ownPublicLine?.split(' ')[1] ?? '';
  const { stdout } = await connection.exec(
    `sh -s -- ${shellQuote(key)} ${shellQuote(signingKey?.id ?? '')}`,
    {
      stdin: PROBE_SCRIPT,
      timeoutMs: PROBE_TIMEOUT_MS,
      signal,
    },
  );
  const facts = factsOf(parseProbe(stdout));
  return { facts, layout: layoutAt(facts.prefix) };
}

/**
 * Facts and plan. Throws ARCH_UNSUPPORTED, SYSTEM_UNSUPPORTED, DISK_FULL, CONNECTION_LOST, CANCELLED, TIMEOUT.
 */
export async function inspect(connection: SshConnection, input: InspectInput): Promise<Inspection> {
  const { daemon, ownPublicLine } = input;
  const { facts, layout } = await look(connection, input);
  const cached = await cachedRuntime({ arch: facts.arch, cacheDir: input.runtimeCache });
  const pin = RUNTIME_PINS[facts.arch];
  const plan = planInstall(facts, {
    daemon: { version: daemon.version, sha256: daemon.sha256, bytes: (await stat(daemon.path)).size },
    runtime: {
      version: RUNTIME_VERSION,
      bytes: cached?.bytes ?? pin.gzipBytesAbout,
      unpackedBytes: pin.bytes,
      here: cached !== null,
    },
    ownKey: ownPublicLine !== null,
  });
  return { facts, plan, layout };
}

/** Where Muster is on a device that is connected again; no more than one short command. Throws NOT_INSTALLED. */
export async function locate(connection: SshConnection, signal?: AbortSignal): Promise<Layout> {
  const script = `printf '%s\\n' "prefix=\${MUSTER_PREFIX-}" "home=\${HOME-}"; [ -e /opt/muster/current ] && echo system=1; [ -e "\${HOME-}/.muster/opt/muster/current" ] && echo user=1; [ -e "\${MUSTER_PREFIX-}/opt/muster/current" ] && echo here=1; true`;
  const { stdout } = await connection.exec(`sh -c ${shellQuote(script)}`, { timeoutMs: 15_000, signal });
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1]?.trim() ?? '';
  const environment = value('prefix');
  const found = environment ? value('here') : value('system') || value('user');
  if (!found) throw new MusterError('NOT_INSTALLED', 'there is no Muster on this device');
  const privileged = value('system') ? 'root' : 'none';
  return layoutAt(prefixOf({ environment, privileged, home: value('home') }));
}
