/**
 * A device with our daemon as a campaign sees it. Owns: the order offer, blobs, install, and the wait for the daemon
 * that comes back. Refuses: to believe a version or an exit; what the device says of the manifest's hash decides.
 * Called by campaigns.ts through target.ts.
 */
import type { FirmwareFile } from '../../shared/campaign.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Pipe } from '../../shared/pipe.ts';
import type { Clock } from '../../shared/time.ts';
import { backoffMs } from '../link/backoff.ts';
import { pause } from '../../shared/pause.ts';
import { openBundle, type Bundle } from './bundle-file.ts';
import { offer, sendBlobs } from './send-blobs.ts';
import { openSession, type Session } from './session.ts';
import { UNREACHED, type Checked, type FirmwareTarget } from './target.ts';
import { judge } from './trial-verdict.ts';

export interface DeviceTargetInput {
  /** The device's lasting id: another that answers in its place is refused. */
  device: string;
  /** A pipe of our own to its daemon. */
  open: (signal: AbortSignal) => Promise<Pipe>;
  file: FirmwareFile;
  clock: Clock;
  log: Log;
}

/** A restart with a check of the card and three vain starts of a bad version takes minutes, not ten. */
const GONE_MS = 600_000;
/** A daemon that has said it restarts and does not within this will not. */
const RESTART_MS = 60_000;
/** A daemon of which nobody knows whether it was told has not begun by then: to be asked, it says when it is busy. */
const UNTOLD_MS = 5000;
/** How often a device on trial is asked. */
const ASK_MS = 1000;
const MAX_WAIT_MS = 5000;

/** The target for one try. */
export function deviceTarget({ device, open, file, clock, log }: DeviceTargetInput): FirmwareTarget {
  let session: Session | null = null;
  /** Run of the daemon that was told to install; null: not by this target. */
  let askedRun: number | null = null;
  let answered = false;

  async function connected(signal: AbortSignal): Promise<Session> {
    if (!session || session.closed) session = await openSession(open, device, signal);
    return session;
  }

  /** Works with the bundle, if the file is still the one the campaign was started with. */
  async function withBundle<T>(work: (bundle: Bundle) => Promise<T>): Promise<T> {
    const bundle = await openBundle(file.path);
    try {
      if (bundle.manifestHash !== file.identity)
        throw new MusterError('FIRMWARE_INVALID', 'another bundle lies there now', {
          path: file.path,
          reason: 'the file was replaced after the push was started',
        });
      return await work(bundle);
    } finally {
      await bundle.close();
    }
  }

  async function check(signal: AbortSignal): Promise<Checked> {
    const { call } = await connected(signal);
    const state = await call.firmware({});
    const from = state.slots.find(({ slot }) => slot === state.running)?.version ?? null;
    const about = { from, rollsBack: 'yes', warning: null } as const;
    if (state.trial?.manifest === file.identity) return { verdict: 'trial', ...about };
    const { running, downgrade } = await withBundle((bundle) => offer(call, bundle));
    if (running) return { verdict: 'current', ...about };
    if (!downgrade) return { verdict: 'update', ...about };
    return { verdict: 'downgrade', ...about, warning: `older than ${from ?? 'what runs there'}` };
  }

  return {
    check,

    async send({ onProgress, committing, signal }) {
      const { call, run } = await connected(signal);
      await withBundle((bundle) =>
        sendBlobs(call, bundle, {
          clock,
          signal,
          onProgress: (sent, total) => onProgress({ sent, total }),
        }),
      );
      await committing();
      askedRun = run;
      try {
        await call.installFirmware({ manifest: file.identity });
        answered = true;
      } catch (thrown) {
        const { code } = toMusterError(thrown);
        // with the answer lost, or another laptop a little faster, the device itself has to say
        if (!UNREACHED.has(code)) throw thrown;
      }
    },

    async follow(onProgress, signal) {
      let heardAt = clock.monotonic();
      let undecidedSince: number | null = null;
      let losses = 0;
      let trouble: string | null = null;
      for (;;) {
        if (signal.aborted) throw new MusterError('CANCELLED', 'no longer followed');
        let wait = ASK_MS;
        try {
          const { call, run } = await connected(signal);
          const state = await call.firmware({});
          heardAt = clock.monotonic();
          losses = 0;
          const verdict = judge(state, file.identity, {
            restarted: askedRun === null ? null : run !== askedRun,
            answered,
            patienceEnded: heardAt - (undecidedSince ?? heardAt) >= (answered ? RESTART_MS : UNTOLD_MS),
          });
          if (verdict.type === 'ended') return verdict.ending;
          if (verdict.type === 'trial') onProgress(verdict.progress);
          // what somebody else tries there has its own end
          undecidedSince = verdict.type === 'undecided' && !state.trial ? (undecidedSince ?? heardAt) : null;
        } catch (thrown) {
          if (signal.aborted) continue;
          const error = toMusterError(thrown);
          // a daemon that starts or ends may say odd things; only its silence counts
          log('debug', 'waiting for a device to come back', { device, code: error.code });
          trouble = UNREACHED.has(error.code) ? null : error.message;
          session?.close();
          wait = Math.min(MAX_WAIT_MS, backoffMs(losses++, Math.random()));
        }
        if (clock.monotonic() - heardAt >= GONE_MS) {
          const minutes = `it was not seen again for ${GONE_MS / 60_000} minutes after its restart`;
          return { end: 'unknown', reason: trouble === null ? minutes : `${minutes}: ${trouble}` };
        }
        await pause(clock, wait, signal);
      }
    },

    close() {
      session?.close();
    },
  };
}
