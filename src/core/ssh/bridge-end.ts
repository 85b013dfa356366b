/** Why a bridge command ended: the shell did not find it, no daemon answers, or all was well. */
import { MusterError } from '../../shared/errors.ts';
import type { ExecChannel } from './run-command.ts';

const MAX_WORDS = 400;

/** Listens to a bridge's exit and complaint; the returned function tells, once it ended, what it meant. */
export function bridgeEnd(channel: ExecChannel, socketPath: string): () => MusterError | null {
  let code: number | null = 0;
  let words = '';
  channel.on('exit', (status: number | null) => {
    code = status;
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    if (words.length < MAX_WORDS) words += chunk.toString('utf8');
  });
  return () => {
    if (code === 0) return null;
    const reason = words.trim().slice(0, MAX_WORDS) || `exit ${code ?? 'by a signal'}`;
    // 126 and 127 are the shell's own: not executable, not found.
    return code === 126 || code === 127
      ? new MusterError('NOT_INSTALLED', `no bridge on the device: ${reason}`, { reason })
      : new MusterError('DAEMON_NOT_STARTED', `nothing answers on ${socketPath}: ${reason}`, {
          socketPath,
          reason,
        });
  };
}
