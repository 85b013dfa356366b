/** `muster config …`: the configuration of devices as one document: looked at, compared, tried, gone back on. */
import { readFile } from 'node:fs/promises';
import type { Engine } from '../../core/engine.ts';
import type { ConfigurationProblem } from '../../shared/device-configuration-calls.ts';
import { copyFor } from '../../shared/configuration-copy.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { diffLines, diffText } from '../../shared/line-diff.ts';
import { consent } from '../ask.ts';
import { followJob } from '../follow-job.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { linkedDevice, withDevice } from '../with-device.ts';

/** So much of a hash names a version to a person. */
const SHORT = 10;
const BY_FIRMWARE = 'Sensors and buses are those of its firmware, whatever this document says of them.';

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MusterError(
      'BAD_INPUT',
      `${file} cannot be read (${code})`,
      { field: 'FILE', value: file },
      cause,
    );
  }
}

function problemsText(problems: readonly ConfigurationProblem[]): string {
  return problems
    .map(
      ({ line, path, message }) => `${line === null ? '' : `line ${line}: `}${path && `${path} `}${message}`,
    )
    .join('\n');
}

/** Prints the document as it stands on `host`. */
export function getConfiguration(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const state = await engine.handlers['config.get']({ device: id });
    if (state.byFirmware) context.output.progress(BY_FIRMWARE);
    if (state.trial) context.output.progress(`On trial, by ${state.trial.by}: nobody has confirmed it yet.`);
    context.output.result({ device: name, ...state }, state.text.trimEnd());
  });
}

/** Prints the JSON schema of what `host` reads. */
export function configurationSchema(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, { id }) => {
    const { schema } = await engine.handlers['config.schema']({ device: id });
    context.output.result(JSON.parse(schema), schema);
  });
}

/** Has `host` say what is wrong with a file, and shows what would change. Exit code 1 when something is wrong. */
export function diffConfiguration(context: CommandContext, host: string, file: string): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const text = await read(file);
    const state = await engine.handlers['config.get']({ device: id });
    const { problems } = await engine.handlers['config.check']({ device: id, text });
    const lines = diffLines(state.text, text);
    const shown = diffText(lines) ?? `${name} has this configuration already.`;
    const wrong = problems.length > 0 ? `${shown}\n\nNot valid:\n${problemsText(problems)}` : shown;
    context.output.result({ device: name, hash: state.hash, diff: diffText(lines, 0), problems }, wrong);
    if (problems.length > 0) process.exitCode = 1;
  });
}

export interface ApplyOptions {
  yes?: boolean;
  /** Keeps it even when something that worked before does not. */
  keep?: boolean;
  /** Further devices, with commas between. */
  to?: string;
}

/**
 * Tries a file on `host`, and then on each device of `to`, which keep their own names and announcements: the first that
 * does not take it ends it.
 */
export function applyConfiguration(
  context: CommandContext,
  host: string,
  file: string,
  { yes = false, keep = false, to }: ApplyOptions,
): Promise<void> {
  const hosts = [host, ...(to?.split(',') ?? []).map((name) => name.trim())].filter(Boolean);
  return withDevice(
    context,
    host,
    async (engine) => {
      const text = await read(file);
      const devices: { record: DeviceRecord; text: string }[] = [];
      for (const name of hosts) {
        const record = await linkedDevice(engine, name);
        const state = await engine.handlers['config.get']({ device: record.id });
        devices.push({ record, text: devices.length === 0 ? text : copyFor(text, state.text) });
      }
      // all are asked before the first is touched
      for (const { record, text: own } of devices) {
        const { id, name } = record;
        const { problems } = await engine.handlers['config.check']({ device: id, text: own });
        if (problems.length > 0)
          throw new MusterError('CONFIG_INVALID', `${name} would refuse it:\n${problemsText(problems)}`, {
            path: problems[0]?.path ?? '',
          });
      }
      const done = [];
      for (const { record, text: own } of devices)
        done.push(await applyOne(engine, record, { context, text: own, yes, keep }));
      const words = done
        .map(({ device, outcome, note }) => `${device}: ${OUTCOMES[outcome]}${noted(note)}.`)
        .join('\n');
      context.output.result({ devices: done }, words);
    },
    { quiet: true },
  );
}

const OUTCOMES = {
  applied: 'tried and confirmed',
  same: 'has this configuration already',
} as const;

async function applyOne(
  engine: Engine,
  { id, name }: DeviceRecord,
  { context, text, yes, keep }: { context: CommandContext; text: string; yes: boolean; keep: boolean },
): Promise<{ device: string; outcome: keyof typeof OUTCOMES; note: string | null }> {
  const state = await engine.handlers['config.get']({ device: id });
  const shown = diffText(diffLines(state.text, text));
  if (shown === null) return { device: name, outcome: 'same', note: null };
  context.output.line(`${name}:\n${shown}`);
  if (state.byFirmware) context.output.line(BY_FIRMWARE);
  await consent(`Restart ${name} into this configuration?`, yes);
  const { job } = await engine.handlers['config.apply']({ device: id, text, base: state.hash, keep });
  return { device: name, outcome: 'applied', note: await followed(engine, job, context) };
}

/** Follows a trial to its end; what does not work under what is in force now, null when all does. */
async function followed(engine: Engine, job: string, { output }: CommandContext): Promise<string | null> {
  const { result } = await followJob(engine, job, output);
  return result?.['note'] === undefined ? null : String(result['note']);
}

function noted(note: string | null): string {
  return note === null ? '' : `; ${note}`;
}

/** Lists the versions that `host` keeps, the newest first. */
export function configurationHistory(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const { history, hash: present } = await engine.handlers['config.get']({ device: id });
    const rows = history
      .toReversed()
      .map(({ hash, at, by, outcome, why }) => [
        `${hash.slice(0, SHORT)}${hash === present ? ' *' : ''}`,
        new Date(at).toISOString(),
        by ?? 'on the device',
        { found: 'found there', applied: 'applied', 'taken-back': `taken back: ${why}` }[outcome],
      ]);
    const text =
      rows.length > 0 ? table(['VERSION', 'WHEN', 'BY', 'WHAT'], rows) : `${name} keeps no versions yet.`;
    context.output.result({ device: name, present, history }, text);
  });
}

/** Has `host` try a version that it keeps, named by the beginning of its hash. */
export function revertConfiguration(
  context: CommandContext,
  host: string,
  version: string,
  { keep = false }: Pick<ApplyOptions, 'keep'>,
): Promise<void> {
  return withDevice(
    context,
    host,
    async (engine, { id, name }) => {
      const { history } = await engine.handlers['config.get']({ device: id });
      const found = new Set(history.map(({ hash }) => hash).filter((hash) => hash.startsWith(version)));
      const [to, another] = found;
      if (to === undefined || another !== undefined) {
        const what = to === undefined ? 'no version' : 'more than one version';
        throw new MusterError('BAD_INPUT', `"${version}" names ${what} of ${name}`, {
          field: 'VERSION',
          value: version,
        });
      }
      const { job } = await engine.handlers['config.revert']({ device: id, to, keep });
      const note = await followed(engine, job, context);
      context.output.result(
        { device: name, hash: to, note },
        `${name} is back on ${to.slice(0, SHORT)}${noted(note)}.`,
      );
    },
    { quiet: true },
  );
}
