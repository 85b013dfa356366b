/**
 * One device that firmware is pushed to, whatever kind it is: what a campaign asks of it, and what it may ask of the
 * engine. `device-target.ts` is a device with our daemon, `src/core/nerves` one that runs Nerves.
 * A target is made for one try. It may keep its connection between two calls, but needs nothing of an earlier call:
 * `follow` may come in another life of the engine, so what it must know is in TargetInput or on the device.
 *
 * Every call throws MusterError. Codes of UNREACHED mean that nothing is known to be wrong with device or firmware: the
 * campaign waits until the device is seen again and then asks anew. Every other code is the end of that try.
 */
import type { CampaignRow, FirmwareFile } from '../../shared/campaign.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import type { SshConnection } from '../ssh/connection.ts';

/** What a target is made with. */
export interface TargetInput {
  /** The device's row as it is now. Throws DEVICE_UNKNOWN when it was forgotten. */
  record: () => DeviceRecord;
  /** A new SSH connection of our own, so that streaming is not starved; whoever asks for it closes it. */
  connect: (signal: AbortSignal) => Promise<SshConnection>;
  /** What is pushed. `file.path` may be gone or have another content by now: `send` has to look. */
  file: FirmwareFile;
  clock: Clock;
  log: Log;
}

/** What a device said when it was asked whether it takes the firmware. */
export interface Checked {
  /** `current`: runs it already, healthy. `trial`: is at it already, whoever began: only to be followed. */
  verdict: 'update' | 'downgrade' | 'current' | 'trial';
  /** Version it runs now, null when it does not tell. */
  from: string | null;
  rollsBack: CampaignRow['rollsBack'];
  /** A warning in words for the preview, null when there is none. A refusal is thrown. */
  warning: string | null;
}

/** What a target tells while it works. Absent: as before. */
export interface Progress {
  /** Bytes that the device holds of those it needs; after a cut it begins where the device says. */
  sent?: number;
  /** Bytes of the firmware that this device needed at all. */
  total?: number;
  /** What it does or waits for, in words; null: nothing to say. */
  detail?: string | null;
  /** Seconds until the end of what it does now. Not for sending: that is reckoned from `sent`. */
  secondsLeft?: number | null;
  /** `follow` only: it is back and proves itself. */
  trial?: true;
}

export interface Sending {
  onProgress: (progress: Progress) => void;
  /**
   * To be awaited right before the device is told (or is able) to put the firmware in force. When it has resolved the
   * campaign has written down that the device may restart: from here on `signal` is not heeded any more.
   * Throws CANCELLED when the campaign was cancelled meanwhile.
   */
  committing: () => Promise<void>;
  /** Stops the sending; the device stays as it is. */
  signal: AbortSignal;
}

/** How it ended on the device. */
export interface Ending {
  /**
   * `confirmed`: runs the firmware, healthy. `rolled-back`: tried it, and runs its old version. `failed`: never
   * tried it. `unknown`: was not seen again in time. `untouched`: it was never asked to; to be sent anew.
   */
  end: 'confirmed' | 'rolled-back' | 'failed' | 'unknown' | 'untouched';
  /** Why, in words that fit after a colon; null when there is nothing to say. */
  reason: string | null;
}

export interface FirmwareTarget {
  /**
   * Asks the device whether it takes the firmware, changing nothing there that counts.
   * Throws FIRMWARE_UNSIGNED, FIRMWARE_UNTRUSTED, FIRMWARE_REVOKED, FIRMWARE_MISFIT, DISK_FULL, NOT_INSTALLED,
   * UNSUPPORTED, DEVICE_BUSY …
   */
  check(signal: AbortSignal): Promise<Checked>;
  /**
   * Sends what the device lacks and has it put in force. Resolves when the device has said that it does so, or when
   * the connection was lost after `committing`: then only `follow` can tell. Called again after a cut it goes on
   * where the device can go on.
   */
  send(sending: Sending): Promise<void>;
  /**
   * Waits until the device is back and says how it ended, judged by what it runs, never by an exit code. Bears lost
   * connections; gives up by itself as `unknown`. `signal`: the engine stops, not the campaign; throws CANCELLED.
   */
  follow(onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Ending>;
  /** Ends what is still open. Called once, after the last call. */
  close(): void;
}

/** The device was not reached, or somebody else is at it: no verdict about it, and asking later helps. */
export const UNREACHED: ReadonlySet<ErrorCode> = new Set([
  'HOST_UNKNOWN',
  'HOST_UNREACHABLE',
  'PORT_CLOSED',
  'CONNECTION_LOST',
  'DAEMON_NOT_STARTED',
  'TIMEOUT',
  'CLOSED',
  'DEVICE_BUSY',
]);
