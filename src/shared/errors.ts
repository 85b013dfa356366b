/**
 * The closed set of things that can go wrong, and how an error crosses a process border.
 * Owns: codes, retryability, the wire form. Refuses: sentences for people (error-text.ts has them).
 */

/** Every code, with whether trying the same thing again later can help. */
export const ERROR_CODES = {
  // reaching a device
  HOST_UNKNOWN: true, // the name does not resolve
  HOST_UNREACHABLE: true, // no route, or no answer in time
  PORT_CLOSED: true, // the machine answers, SSH does not
  CONNECTION_LOST: true, // cut in the middle of something
  NOT_SSH: false, // something else answers on that port
  // trust and access
  HOST_KEY_UNKNOWN: false, // first contact: the person has to confirm
  HOST_KEY_CHANGED: false, // pinned key and offered key differ
  AUTH_FAILED: false,
  AUTH_NEEDED: false, // nothing to offer: ask for a password
  KEY_FILE_BAD: false,
  SUDO_PASSWORD_NEEDED: false,
  SUDO_PASSWORD_WRONG: false,
  // installing
  SFTP_UNAVAILABLE: false,
  ARCH_UNSUPPORTED: false,
  SYSTEM_UNSUPPORTED: false,
  DISK_FULL: false,
  DEVICE_BUSY: true, // another install holds the device
  RUNTIME_UNAVAILABLE: true, // the laptop has no Node runtime for that device yet
  INSTALL_STEP_FAILED: true,
  DAEMON_NOT_STARTED: true,
  NOT_INSTALLED: false,
  // talking to a daemon or an engine
  PROTOCOL_MISMATCH: false,
  BAD_FRAME: false,
  BAD_INPUT: false,
  BAD_REPLY: false,
  TIMEOUT: true,
  CLOSED: true,
  FORWARDING_REFUSED: false,
  // data
  JOURNAL_FAILED: true,
  ARCHIVE_FAILED: true,
  ARCHIVE_NEWER: false,
  EXPORT_PATH_UNWRITABLE: false,
  EXPORT_EMPTY: false,
  // configuration, buses, drivers
  CONFIG_INVALID: false,
  CONFIG_TAKEN_BACK: false, // tried, not confirmed in time, and the one before is in force again
  BUS_NACK: true,
  BUS_MISSING: true,
  BUS_STUCK: true, // a wire is held low, or the adapter hangs
  BUS_REFUSED: false, // a Modbus unit answers, and says no
  BROKER_UNREACHABLE: true, // no connection to an MQTT broker
  BROKER_REFUSED: false, // it answers, and says no
  RECEIVER_UNREACHABLE: true, // the server that gets the readings does not take them now
  RECEIVER_REFUSED: false, // it answers, and says no
  DRIVER_CHECKSUM: true,
  DRIVER_UNREADABLE: true, // it said something that the configuration has no meaning for
  DRIVER_UNKNOWN: false,
  DRIVER_BROKEN: false, // a firmware's own driver that cannot be loaded
  HOST_FAILED: true, // the process that runs the drivers of a bus ended
  CHIP_UNEXPECTED: false, // another kind of chip answers at that address
  ALREADY_RUNNING: false, // a daemon serves this prefix already
  // firmware
  FIRMWARE_INVALID: false, // not a bundle, or one that contradicts itself
  FIRMWARE_UNSIGNED: false,
  FIRMWARE_UNTRUSTED: false, // signed by nobody the device trusts, or the signature is not good
  FIRMWARE_REVOKED: false,
  FIRMWARE_MISFIT: false, // another architecture, runtime or configuration
  FIRMWARE_DAMAGED: true, // bytes that do not match their hash
  FIRMWARE_ROLLED_BACK: false, // tried, found bad, and the old one runs again
  SIGNING_KEY_UNKNOWN: false,
  SIGNING_KEY_BAD: false, // its file is damaged, or no such file
  SIGNING_KEY_LOCKED: false, // the words for a handed-over key file are wrong
  CAMPAIGN_UNKNOWN: false,
  // engine
  DEVICE_UNKNOWN: false,
  JOB_UNKNOWN: false,
  SESSION_UNKNOWN: false,
  DEMO_FAILED: true,
  CANCELLED: false,
  UNAUTHORIZED: false,
  REFUSED: false,
  UNSUPPORTED: false,
  INTERNAL: false,
} as const satisfies Record<string, boolean>;

/** One of the codes above. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Facts a sentence may quote: host, port, path, expected, actual … Never a secret. */
export type ErrorDetails = Record<string, string | number | boolean | null>;

/** An error as plain data, fit for any wire. */
export interface WireError {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
  retryable: boolean;
  cause?: WireError | undefined;
}

/** The only error type that crosses a room's border. `message` is for engineers; people read error-text.ts. */
export class MusterError extends Error {
  override readonly name = 'MusterError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code];
  }
}

/** True when `code` is a key of ERROR_CODES. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** Normalises anything thrown into a MusterError; an unknown throw becomes `fallback` (INTERNAL unless told). */
export function toMusterError(thrown: unknown, fallback: ErrorCode = 'INTERNAL'): MusterError {
  if (thrown instanceof MusterError) return thrown;
  if (isForeign(thrown)) return new MusterError(thrown.code, thrown.message, thrown.details, thrown.cause);
  if (!(thrown instanceof Error)) return new MusterError(fallback, String(thrown));
  const error = new MusterError(fallback, thrown.message, {}, thrown.cause);
  if (thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}

/** An error of this class as another bundle carries it: a team's own driver brings its copy. */
function isForeign(thrown: unknown): thrown is MusterError {
  if (!(thrown instanceof Error) || thrown.name !== 'MusterError') return false;
  const { code, details } = thrown as Partial<MusterError>;
  return isErrorCode(code) && typeof details === 'object' && details !== null;
}

/** An error as wire data, its cause chain included (at most 5 deep). */
export function errorToWire(thrown: unknown, depth = 0): WireError {
  const error = toMusterError(thrown);
  const wire: WireError = {
    code: error.code,
    message: error.message,
    details: error.details,
    retryable: error.retryable,
  };
  if (error.cause !== undefined && depth < 5) wire.cause = errorToWire(error.cause, depth + 1);
  return wire;
}

/** The error a wire form stands for. A code of a newer version becomes INTERNAL, its words kept. */
export function errorFromWire(
  wire: Omit<WireError, 'code' | 'cause'> & { code: string; cause?: unknown },
): MusterError {
  return new MusterError(
    isErrorCode(wire.code) ? wire.code : 'INTERNAL',
    wire.message,
    wire.details,
    wire.cause,
  );
}
