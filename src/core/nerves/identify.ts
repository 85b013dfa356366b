/**
 * What a device that runs Nerves says of itself, asked by Elixir expressions over exec, one value each: `inspect`
 * shortens anything longer, and bindings do not persist. Owns: those expressions. Whatever a device answers, or fails to,
 * becomes null here and not an error, except where it turns out not to evaluate Elixir at all.
 * Called by nerves-target.ts and the handler of `nerves.inspect`.
 */
import { MusterError } from '../../shared/errors.ts';
import { printable } from '../discovery/printable.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { atomName, elixirString, field, parseInspect, type Term } from './inspect-text.ts';

/** Evaluates one expression on the device: undefined where it failed or is no term. Throws CONNECTION_LOST, CANCELLED. */
export type Evaluate = (expression: string) => Promise<Term | undefined>;

export type Validation = 'validated' | 'unvalidated' | 'unknown';

/** What changes by an update. Slots are named `a` and `b`. */
export interface SlotState {
  /** UUID of the firmware that runs. */
  uuid: string | null;
  version: string | null;
  active: string | null;
  /** Slot of the next start. */
  next: string | null;
  validation: Validation;
  /** UUID of what lies in the other slot; null when it is empty, half written, or not told. */
  otherUuid: string | null;
  /** Since the start of the machine. */
  uptimeMs: number | null;
}

export interface NervesFacts extends SlotState {
  product: string | null;
  platform: string | null;
  architecture: string | null;
  serial: string | null;
  hostname: string | null;
  elixir: string | null;
  /** What fwup writes to, as the device names it. */
  devpath: string | null;
  /** Size of that medium, blocks of 512 bytes. */
  mediaBlocks: number | null;
  /** Partition the root filesystem lies on, counted from 1, and where it begins, in blocks of 512 bytes. */
  rootPartition: number | null;
  rootOffset: number | null;
  /** Whether it goes back by itself when an update does not come up. */
  rollback: 'yes' | 'no' | 'unknown';
}

const TIMEOUT_MS = 15_000;
const MAX_REPLY = 64 * 1024;
const MAX_TEXT = 120;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KV_NAME = /^[A-Za-z0-9_.-]{1,80}$/;

/** Throws UNSUPPORTED when it is not Elixir that answers on this connection. */
export async function requireElixir(connection: SshConnection, signal?: AbortSignal): Promise<void> {
  const { stdout } = await ask(connection, '1 + 1', signal);
  if (stdout.trim() !== '2')
    throw new MusterError('UNSUPPORTED', `1 + 1 was answered with ${JSON.stringify(stdout.slice(0, 80))}`, {
      reason:
        'it does not take Elixir expressions over SSH, so it does not run Nerves or has that switched off',
    });
}

/** Evaluates over a connection. */
export function evaluator(connection: SshConnection, signal?: AbortSignal): Evaluate {
  return async (expression) => {
    try {
      const { code, stdout } = await ask(connection, expression, signal);
      return code === 0 ? parseInspect(stdout.trim()) : undefined;
    } catch (thrown) {
      const endless =
        thrown instanceof MusterError && (thrown.code === 'TIMEOUT' || thrown.code === 'BAD_REPLY');
      if (endless) return undefined;
      throw thrown;
    }
  };
}

function ask(connection: SshConnection, expression: string, signal: AbortSignal | undefined) {
  return connection.exec(expression, {
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: MAX_REPLY,
    keepInput: true,
    signal,
  });
}

/** Which firmware runs and how it stands with it. */
export async function readSlots(evaluate: Evaluate): Promise<SlotState> {
  const slots = await evaluate('Nerves.Runtime.firmware_slots()');
  const active = slotName(field(slots, 'active')) ?? slotName(await kv(evaluate, 'nerves_fw_active'));
  const other = active === 'a' ? 'b' : active === 'b' ? 'a' : null;
  return {
    uuid: uuidOf(await activeKv(evaluate, 'nerves_fw_uuid')),
    version: textOf(await activeKv(evaluate, 'nerves_fw_version')),
    active,
    next: slotName(field(slots, 'next')),
    validation: await validation(evaluate),
    otherUuid: other === null ? null : uuidOf(await kv(evaluate, `${other}.nerves_fw_uuid`)),
    uptimeMs: await uptime(evaluate),
  };
}

/** All that is asked once. */
export async function identify(evaluate: Evaluate): Promise<NervesFacts> {
  const slots = await readSlots(evaluate);
  const devpath = textOf(await kv(evaluate, 'nerves_fw_devpath'));
  const platform = textOf(await activeKv(evaluate, 'nerves_fw_platform'));
  const root = await rootDevice(evaluate);
  const { partition: rootPartition, offset: rootOffset } = root;
  return {
    ...slots,
    product: textOf(await activeKv(evaluate, 'nerves_fw_product')),
    platform,
    architecture: textOf(await activeKv(evaluate, 'nerves_fw_architecture')),
    serial: textOf(await evaluate('Nerves.Runtime.serial_number()')),
    hostname: textOf(field(await wrapped(evaluate, ':inet.gethostname()'), 'ok')),
    elixir: textOf(await evaluate('System.version()')),
    devpath,
    mediaBlocks: await mediaBlocks(evaluate, devpath),
    rootPartition,
    rootOffset,
    rollback: rollbackOf(slots.validation, platform, rootPartition),
  };
}

/** A value of the device's key-value store; undefined when it cannot be asked, null when it has none. */
export async function kv(evaluate: Evaluate, name: string): Promise<string | null | undefined> {
  if (!KV_NAME.test(name)) return undefined;
  const value = await evaluate(`Nerves.Runtime.KV.get(${elixirString(name)})`);
  return typeof value === 'string' || value === null ? value : undefined;
}

/** Where a partition of the medium begins, blocks of 512 bytes; null when it does not tell. `partition`: from 1. */
export async function partitionOffset(
  evaluate: Evaluate,
  devpath: string,
  partition: number,
): Promise<number | null> {
  const name = await blockName(evaluate, devpath);
  if (name === null) return null;
  const part = /\d$/.test(name) ? `${name}p${partition}` : `${name}${partition}`;
  return blocks(await file(evaluate, `/sys/class/block/${part}/start`));
}

async function activeKv(evaluate: Evaluate, name: string): Promise<Term | undefined> {
  return evaluate(`Nerves.Runtime.KV.get_active(${elixirString(name)})`);
}

/** Before 0.13.9 nerves_runtime has no such function, and the store is what there is. */
async function validation(evaluate: Evaluate): Promise<Validation> {
  const status = atomName(await evaluate('Nerves.Runtime.firmware_validation_status()'));
  if (status === 'validated' || status === 'unvalidated') return status;
  const stored = await activeKv(evaluate, 'nerves_fw_validated');
  return stored === '1' ? 'validated' : stored === '0' ? 'unvalidated' : 'unknown';
}

async function uptime(evaluate: Evaluate): Promise<number | null> {
  const seconds = Number.parseFloat((await file(evaluate, '/proc/uptime')) ?? '');
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1000) : null;
}

async function mediaBlocks(evaluate: Evaluate, devpath: string | null): Promise<number | null> {
  const name = devpath === null ? null : await blockName(evaluate, devpath);
  return name === null ? null : blocks(await file(evaluate, `/sys/class/block/${name}/size`));
}

/** `/dev/mmcblk0` as the kernel calls it; `/dev/rootdisk0` is a link to it. */
async function blockName(evaluate: Evaluate, devpath: string): Promise<string | null> {
  if (!/^\/dev\/[A-Za-z0-9_-]{1,40}$/.test(devpath)) return null;
  const link = field(await wrapped(evaluate, `File.read_link(${elixirString(devpath)})`), 'ok');
  const name = typeof link === 'string' ? link.split('/').at(-1)! : devpath.slice('/dev/'.length);
  return /^[A-Za-z0-9_-]{1,40}$/.test(name) ? name : null;
}

/** proc(5): id, parent, major:minor, root, mount point; a later mount lies over an earlier one. */
const ROOT_NUMBERS = String.raw`with {:ok, text} <- File.read("/proc/self/mountinfo"), do: {:ok, Regex.scan(~r{^\d+ \d+ (\d+:\d+) \S+ / }m, text, capture: :all_but_first) |> List.last()}`;

/** The file is searched on the device: it may be longer than the text that `inspect` gives back. */
async function rootDevice(evaluate: Evaluate) {
  const found = field(await wrapped(evaluate, ROOT_NUMBERS), 'ok');
  const numbers = Array.isArray(found) ? found[0] : undefined;
  if (typeof numbers !== 'string' || !/^\d+:\d+$/.test(numbers)) return { partition: null, offset: null };
  return {
    partition: blocks(await file(evaluate, `/sys/dev/block/${numbers}/partition`)),
    offset: blocks(await file(evaluate, `/sys/dev/block/${numbers}/start`)),
  };
}

/**
 * Raspberry Pi systems keep both root filesystems on logical partitions since 2.0, which brought the trial boot; 1.x
 * ones have them on the second primary one and trust every update. Other boards do it in their own ways.
 */
function rollbackOf(
  state: Validation,
  platform: string | null,
  root: number | null,
): NervesFacts['rollback'] {
  if (state === 'unvalidated') return 'yes';
  if (root === null || !platform?.startsWith('rpi')) return 'unknown';
  return root >= 5 ? 'yes' : 'no';
}

async function file(evaluate: Evaluate, path: string): Promise<string | null> {
  const content = field(await wrapped(evaluate, `File.read(${elixirString(path)})`), 'ok');
  return typeof content === 'string' ? content : null;
}

/** The `{:ok, value}` of an expression as a keyword list, which `field` reads. */
async function wrapped(evaluate: Evaluate, expression: string): Promise<Term | undefined> {
  const term = await evaluate(expression);
  return term === undefined ? undefined : [term];
}

function blocks(text: string | null): number | null {
  return text !== null && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : null;
}

function textOf(term: Term | undefined): string | null {
  return typeof term === 'string' ? printable(term, MAX_TEXT) || null : null;
}

function uuidOf(term: Term | undefined): string | null {
  const text = typeof term === 'string' ? term.trim().toLowerCase() : '';
  return UUID.test(text) ? text : null;
}

function slotName(term: Term | undefined): string | null {
  const name = typeof term === 'string' ? term : atomName(term);
  return name === 'a' || name === 'b' ? name : null;
}
