/**
 * A device that runs Nerves as a campaign sees it: asked in Elixir, sent a `.fw` through `fwup`, and judged by the UUID it
 * runs afterwards. Owns: the order of these. Refuses: to call anything done because a program said so.
 * Called by src/core/firmware/targets.ts through the interface of target.ts.
 */
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { FirmwareTarget, TargetInput } from '../firmware/target.ts';
import { pause } from '../../shared/pause.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { judgeDevice, judgeSilence, judgeUpload } from './decide.ts';
import { openFw, type FwFile } from './fw-file.ts';
import {
  evaluator,
  identify,
  kv,
  partitionOffset,
  readSlots,
  requireElixir,
  type Evaluate,
} from './identify.ts';
import { judgeSignature, requireSigner, type NervesKey } from './nerves-keys.ts';
import { preflight, questions, type Answers } from './preflight.ts';
import { pushFw } from './push.ts';

export interface NervesTargetInput extends TargetInput {
  /** Whose firmware is let out; none: anybody's. */
  keys: () => Promise<NervesKey[]>;
  /** See push.ts. */
  idleMs?: number;
}

/** How often a device that restarts is asked, ms. */
const ASK_MS = 2000;
/** Two clocks that count one time may differ by this, ms. */
const SLACK_MS = 3000;

/** The target for one try. */
export function nervesTarget(input: NervesTargetInput): FirmwareTarget {
  const { record, connect, file, clock, log, keys, idleMs } = input;
  let session: { connection: SshConnection; isOpen: boolean } | null = null;
  /** When the device that was asked had started, on this laptop's monotonic clock; null: not asked by this target. */
  let startedAt: number | null = null;
  let accepted: boolean | null = null;

  async function connected(signal: AbortSignal) {
    if (!session?.isOpen) {
      const connection = await connect(signal);
      try {
        await requireElixir(connection, signal);
      } catch (thrown) {
        connection.close();
        throw thrown;
      }
      const opened = { connection, isOpen: true };
      connection.onClose(() => {
        opened.isOpen = false;
      });
      session = opened;
    }
    const { connection } = session;
    return { connection, evaluate: evaluator(connection, signal) };
  }

  function disconnect(): void {
    session?.connection.close();
    session = null;
  }

  /** The file as it lies there now, if it still is the one the campaign was started with. */
  async function sameFile(): Promise<FwFile> {
    const fw = await openFw(file.path);
    if (fw.uuid === file.identity) return fw;
    throw new MusterError('FIRMWARE_INVALID', 'another firmware lies there now', {
      path: file.path,
      reason: 'the file was replaced after the push was started',
    });
  }

  return {
    async check(signal) {
      const fw = await sameFile();
      const known = await keys();
      const signatures = judgeSignature(fw, known);
      requireSigner(signatures, known);
      const { evaluate } = await connected(signal);
      const facts = await identify(evaluate);
      const answers = await answersFor(fw, facts.devpath, evaluate);
      const signed = signatures.some(({ good }) => good === true);
      return { ...preflight(record().name, fw, { facts, answers, signed }), from: facts.version };
    },

    async send({ onProgress, committing, signal }) {
      const fw = await sameFile();
      const { connection, evaluate } = await connected(signal);
      const { uptimeMs } = await readSlots(evaluate);
      startedAt = uptimeMs === null ? null : clock.monotonic() - uptimeMs;
      const pushed = await pushFw({
        connection,
        fw,
        committing,
        signal,
        clock,
        ...(idleMs === undefined ? {} : { idleMs }),
        onProgress: (sent, written) =>
          onProgress({
            sent,
            total: fw.bytes,
            detail: written === null ? null : `${written} % written on the device`,
          }),
      });
      const verdict = judgeUpload(pushed);
      log('info', 'fwup ended', { device: record().name, verdict, code: pushed.code, said: pushed.message });
      if (verdict === 'cut')
        throw new MusterError('CONNECTION_LOST', 'the connection was cut while it was sent');
      if (verdict === 'refused')
        throw new MusterError('REFUSED', `fwup: ${pushed.message}`, {
          name: record().name,
          reason: pushed.message || 'fwup ended without saying that it succeeded',
        });
      accepted = verdict === 'accepted';
    },

    async follow(onProgress, signal) {
      const begunAt = clock.monotonic();
      let heardAt = begunAt;
      let newSince: number | null = null;
      for (;;) {
        if (signal.aborted) throw new MusterError('CANCELLED', 'no longer followed');
        try {
          const state = await readSlots((await connected(signal)).evaluate);
          const now = clock.monotonic();
          heardAt = now;
          if (state.uuid === file.identity) newSince ??= now;
          const restarted =
            startedAt === null || state.uptimeMs === null
              ? null
              : now - state.uptimeMs > startedAt + SLACK_MS;
          const verdict = judgeDevice(state, file.identity, {
            restarted,
            accepted,
            seenNew: newSince !== null,
            watchedMs: now - begunAt,
            newMs: now - (newSince ?? now),
          });
          if (verdict.type === 'ended') return verdict.ending;
          const { detail, secondsLeft, trial } = verdict;
          onProgress({ detail, secondsLeft, ...(trial ? { trial } : {}) });
        } catch (thrown) {
          if (signal.aborted) continue;
          const { code, message } = toMusterError(thrown);
          log('debug', 'waiting for a device to come back', { device: record().name, code, message });
          disconnect();
          const ending = judgeSilence(clock.monotonic() - heardAt);
          if (ending) return ending;
          onProgress({ detail: 'restarts', secondsLeft: null });
        }
        await pause(clock, ASK_MS, signal);
      }
    },

    close: disconnect,
  };
}

async function answersFor(fw: FwFile, devpath: string | null, evaluate: Evaluate): Promise<Answers> {
  const wanted = questions(fw);
  const answers = { kv: new Map<string, string | null>(), partitions: new Map<number, number>() };
  for (const name of wanted.kv) {
    const value = await kv(evaluate, name);
    if (value !== undefined) answers.kv.set(name, value);
  }
  for (const partition of devpath === null ? [] : wanted.partitions) {
    const offset = await partitionOffset(evaluate, devpath!, partition);
    if (offset !== null) answers.partitions.set(partition, offset);
  }
  return answers;
}
