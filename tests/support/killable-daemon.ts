/** A daemon below MUSTER_PREFIX, started from its sources, whose journal thread dies on SIGUSR2. Run as a process by tests. */
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../device/config.ts';
import { startDaemon } from '../../device/daemon.ts';
import { openMachine } from '../../device/platform/machine.ts';
import { pathsOf } from '../../device/platform/paths.ts';

const prefix = process.env['MUSTER_PREFIX'] ?? '';
const paths = pathsOf(prefix);
const root = await startDaemon({
  paths,
  machine: openMachine(prefix),
  config: parseConfig(readFileSync(paths.config, 'utf8')),
  configProblem: null,
  entry: new URL('../../device/main.ts', import.meta.url),
  announceOn: '127.0.0.1',
  log: (level, message, fields) =>
    process.stderr.write(`${level} ${message} ${JSON.stringify(fields ?? {})}\n`),
});
process.on('SIGUSR2', () =>
  root
    .whichChildren()
    .find(({ id }) => id === 'journal')
    ?.child?.kill(),
);
process.on('SIGTERM', () => root.shutdown());
process.stderr.write(' info running \n');
