/** The daemon with drivers that misbehave: the same parts as device/main.ts, its catalog longer. */
import { readFileSync } from 'node:fs';
import { parseConfig } from '../../device/config.ts';
import { startDaemon } from '../../device/daemon.ts';
import { isHostThread } from '../../device/host/host-link.ts';
import { isJournalThread, serveJournal } from '../../device/journal/journal-worker.ts';
import { openMachine } from '../../device/platform/machine.ts';
import { pathsOf } from '../../device/platform/paths.ts';

async function run(): Promise<void> {
  const paths = pathsOf(process.env['MUSTER_PREFIX'] ?? '');
  const root = await startDaemon({
    paths,
    machine: openMachine(paths.prefix),
    config: parseConfig(readFileSync(paths.config, 'utf8')),
    configProblem: null,
    entry: new URL(import.meta.url),
    announceOn: null,
    service: null,
    log: (level, message, fields) =>
      void process.stderr.write(`T ${level} ${message} ${JSON.stringify(fields ?? {})}\n`),
  });
  process.stderr.write('T info running \n');
  process.once('SIGTERM', () => root.shutdown());
  await root.exited;
}

async function host(): Promise<void> {
  const { serveHostProcess, serveHostThread } = await import('../../device/host/host-program.ts');
  const { CATALOG } = await import('../../device/drivers/catalog.ts');
  const { FAULTY } = await import('./faulty-drivers.ts');
  const catalog = [...CATALOG, ...FAULTY];
  if (isHostThread()) serveHostThread(catalog);
  else serveHostProcess(process.argv[3] ?? '', catalog);
}

if (isJournalThread()) serveJournal();
else if (isHostThread() || process.argv[2] === 'host') void host();
else void run();
