/** The undo list an installation leaves on its device, and the commands that undo it, last thing first. Pure. */
import * as z from 'zod';
import { MusterError } from '../../shared/errors.ts';
import { shellQuote } from './shell-quote.ts';

const path = z
  .string()
  .max(4096)
  .regex(/^\/[^\n]*[^/\n]$/);
const name = z.string().regex(/^[\w.@-]{1,64}$/);

const entrySchema = z.discriminatedUnion('kind', [
  /** A folder that was missing above ours: removed only if empty. */
  z.object({ kind: z.literal('dir'), path }),
  /** A folder of ours, with all that is in it. */
  z.object({ kind: z.literal('tree'), path }),
  /** The folder of the journal, the configuration and the identity. */
  z.object({ kind: z.literal('data'), path }),
  z.object({ kind: z.literal('file'), path }),
  /** The supervising script, which stops what it supervises. */
  z.object({ kind: z.literal('process'), path }),
  z.object({ kind: z.literal('service'), name }),
  z.object({ kind: z.literal('user'), name }),
  z.object({ kind: z.literal('group'), name }),
  z.object({ kind: z.literal('member'), name, group: name }),
  /** One line of a file of the login user. */
  z.object({ kind: z.literal('line'), path, text: z.string().min(20).max(2000) }),
]);
export type UndoEntry = z.infer<typeof entrySchema>;

const listSchema = z.object({ version: z.literal(1), entries: z.array(entrySchema).max(1000) });

/**
 * Entries in the order they were made. The list is a file on a device: an entry that names a place which is not
 * ours is refused (INSTALL_STEP_FAILED), so that no list can make us remove something else.
 */
export function parseUndoList(text: string, prefix: string): UndoEntry[] {
  let entries: UndoEntry[];
  try {
    ({ entries } = listSchema.parse(JSON.parse(text)));
  } catch (thrown) {
    throw new MusterError('INSTALL_STEP_FAILED', 'the undo list on the device is damaged', {}, thrown);
  }
  const alien = entries.find((entry) => !isOurs(entry, prefix));
  if (alien)
    throw new MusterError('INSTALL_STEP_FAILED', 'the undo list names something that is not of Muster', {
      entry: JSON.stringify(alien).slice(0, 200),
    });
  return entries;
}

function isOurs(entry: UndoEntry, prefix: string): boolean {
  const opt = `${prefix}/opt/muster`;
  const state = `${prefix}/var/lib/muster`;
  const run = `${prefix}/run/muster`;
  switch (entry.kind) {
    case 'dir':
      return [opt, state, run].some((ours) => ours.startsWith(`${entry.path}/`));
    case 'tree':
      return entry.path === opt || entry.path === run;
    case 'data':
      return entry.path === state;
    case 'file':
      return ['/etc/systemd/system/muster.service', '/etc/avahi/services/muster.service'].includes(
        entry.path,
      );
    case 'process':
      return entry.path === `${opt}/muster-supervise.sh`;
    case 'service':
      return entry.name === 'muster.service';
    case 'user':
    case 'group':
      return entry.name === 'muster';
    case 'member':
      return entry.group === 'muster';
    case 'line':
      return entry.path.endsWith('/.ssh/authorized_keys') && /^ssh-ed25519 \S+ muster$/.test(entry.text);
  }
}

/** Commands for one entry, run with the rights that made it; `line` entries are the login user's own and not here. */
function undoCommand(entry: UndoEntry, prefix: string): string {
  switch (entry.kind) {
    case 'dir':
      return `rmdir ${shellQuote(entry.path)} 2>/dev/null || true`;
    case 'tree':
    case 'data':
      return `rm -rf ${shellQuote(entry.path)} || failed ${shellQuote(entry.path)}`;
    case 'file':
      return `rm -f ${shellQuote(entry.path)} || failed ${shellQuote(entry.path)}`;
    case 'process':
      return `[ ! -f ${shellQuote(entry.path)} ] || MUSTER_PREFIX=${shellQuote(prefix)} sh ${shellQuote(entry.path)} stop`;
    case 'service':
      return `systemctl disable --now ${entry.name} >/dev/null 2>&1; systemctl daemon-reload >/dev/null 2>&1`;
    case 'user':
      return `! id ${entry.name} >/dev/null 2>&1 || userdel ${entry.name} >/dev/null 2>&1 || failed ${entry.name}`;
    case 'group':
      return `! grep -q '^${entry.name}:' /etc/group || groupdel ${entry.name} >/dev/null 2>&1 || failed ${entry.name}`;
    case 'member':
      return `gpasswd -d ${entry.name} ${entry.group} >/dev/null 2>&1 || true`;
    case 'line':
      return ':';
  }
}

/**
 * A POSIX script that undoes `entries` in reverse order. The folder that holds the list itself goes last, so that
 * a cut in the middle can be followed by another try. With `keepData` the data stay, and the account owning them.
 */
export function undoScript(entries: readonly UndoEntry[], prefix: string, keepData: boolean): string {
  const kept = new Set(keepData ? ['data', 'user', 'group'] : []);
  const reversed = entries.toReversed().filter((entry) => !kept.has(entry.kind));
  // What runs is stopped before its files go, whatever the order of making was.
  const isStop = (entry: UndoEntry) => entry.kind === 'service' || entry.kind === 'process';
  const isOpt = (entry: UndoEntry) => entry.kind === 'tree' && entry.path === `${prefix}/opt/muster`;
  const rest = reversed.filter((entry) => !isStop(entry) && !isOpt(entry) && entry.kind !== 'dir');
  const last = [...reversed.filter(isOpt), ...reversed.filter((entry) => entry.kind === 'dir')];
  return [
    'LC_ALL=C; export LC_ALL',
    'PATH=$PATH:/usr/sbin:/sbin; export PATH',
    `failed() { printf '@fail INSTALL_STEP_FAILED\\n'; printf 'could not remove %s\\n' "$1" >&2; exit 1; }`,
    'echo @begin',
    ...[...reversed.filter(isStop), ...rest, ...last].map((entry) => undoCommand(entry, prefix)),
    'echo @end',
    '',
  ].join('\n');
}
