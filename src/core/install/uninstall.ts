/** Undoes an installation by the undo list it left on the device. */
import type { Plan, Step } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { noLog, type Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import { realClock } from '../real-clock.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { DeviceFacts } from './facts.ts';
import type { Layout } from './layout.ts';
import { checkSudo, runPrivileged } from './privileged.ts';
import { shellQuote } from './shell-quote.ts';
import { Staging } from './staging.ts';
import { StepList } from './step-list.ts';
import { parseUndoList, undoScript, type UndoEntry } from './undo-list.ts';

export interface UninstallInput {
  facts: Pick<DeviceFacts, 'prefix' | 'privileged' | 'stage'>;
  layout: Layout;
  sudoPassword: string | null;
  /** Leaves journal, configuration and identity on the device. */
  keepData: boolean;
  onSteps: (steps: Step[]) => void;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
  log?: Log | undefined;
}

/** What an uninstallation does, for the job's rows. */
function uninstallSteps(keepData: boolean): Plan['steps'] {
  return [
    { id: 'read', title: 'Read what was installed', detail: 'the undo list on the device' },
    { id: 'access', title: "Take back this laptop's access", detail: 'the line in authorized_keys' },
    {
      id: 'remove',
      title: 'Stop Muster and remove its files',
      detail: keepData ? 'readings and configuration stay on the device' : 'with all readings on the device',
    },
  ];
}

/**
 * Uninstalls. Throws NOT_INSTALLED, SUDO_PASSWORD_NEEDED, SUDO_PASSWORD_WRONG, INSTALL_STEP_FAILED, SFTP_UNAVAILABLE,
 * CONNECTION_LOST, CANCELLED. A cut in the middle is healed by uninstalling again.
 */
export async function uninstall(connection: SshConnection, input: UninstallInput): Promise<void> {
  const { facts, layout, keepData, signal } = input;
  const steps = new StepList(uninstallSteps(keepData), input.clock ?? realClock, input.onSteps);
  try {
    steps.begin('read');
    const { code, stdout } = await connection.exec(`cat ${shellQuote(layout.undo)}`, {
      signal,
      timeoutMs: 30_000,
    });
    if (code !== 0) throw new MusterError('NOT_INSTALLED', 'the device has no undo list of Muster');
    const entries = parseUndoList(stdout, layout.prefix);
    const privileged = layout.prefix === '' ? facts.privileged : 'none';
    const { sudoPassword } = input;
    await checkSudo(connection, { privileged, sudoPassword, signal });
    // Before the list goes: after a cut, nothing that was made may be left without an entry.
    steps.begin('access');
    for (const entry of entries) if (entry.kind === 'line') await removeLine(connection, entry, signal);
    steps.begin('remove');
    const staging = await Staging.open(connection, facts.stage, signal);
    await staging.send(Buffer.from(undoScript(entries, layout.prefix, keepData)), 'undo.sh');
    const script = staging.path('undo.sh');
    await runPrivileged(connection, { script, privileged, sudoPassword, signal, onReport: () => {} });
    await staging.remove();
    (input.log ?? noLog)('info', 'uninstalled', { prefix: layout.prefix, keepData });
    steps.end('done');
  } catch (thrown) {
    steps.end('failed');
    throw thrown;
  }
}

async function removeLine(
  connection: SshConnection,
  { path, text }: Extract<UndoEntry, { kind: 'line' }>,
  signal?: AbortSignal,
): Promise<void> {
  const script = [
    'umask 077',
    `file=${shellQuote(path)}`,
    // Another user's file is that user's own affair.
    '[ -w "$file" ] || exit 0',
    // grep answers 1 when no line is left, which is fine here.
    `grep -vxF ${shellQuote(text)} "$file" >"$file.muster"; [ $? -le 1 ] || exit 1`,
    '[ ! -s "$file.muster" ] || exec mv -f "$file.muster" "$file"',
    // It held our line alone: file and folder were made for it, or mean the same as none.
    'rm -f "$file.muster" "$file" || exit 1',
    'rmdir "${file%/*}" 2>/dev/null || true',
  ].join('\n');
  const { code, stderr } = await connection.exec('sh -s', {
    stdin: `${script}\n`,
    signal,
    timeoutMs: 30_000,
  });
  if (code !== 0)
    throw new MusterError('INSTALL_STEP_FAILED', `${path}: ${stderr.trim() || `exit ${code}`}`, { path });
}
