/** What installing on a test device needs: a daemon small enough to read, the runtime, and a shorthand. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, type DaemonFile, type Inspection } from '../../src/core/install/inspect.ts';
import { install, type InstallInput } from '../../src/core/install/install.ts';
import { connectSsh, type SshConnection, type SshOptions } from '../../src/core/ssh/connection.ts';
import type { Step } from '../../src/shared/engine-contract.ts';
import type { TestSshd } from './sshd.ts';

/** Kept between test runs: making it takes seconds, and its content is proven by hash. */
export const RUNTIME_CACHE = join(tmpdir(), 'muster-test-runtime-cache');
export const ASSETS = new URL('../../assets', import.meta.url).pathname;

/** The installer's view of the daemon: `run` serves the socket, `bridge` leads to it, `version` prints. */
export function standInDaemon(dir: string, version = '1.0.0', run = 'serve()'): DaemonFile {
  const source = `
import { createServer, connect } from 'node:net';
import { rmSync } from 'node:fs';
const socket = (process.env.MUSTER_PREFIX ?? '') + '/run/muster/muster.sock';
function serve() {
  rmSync(socket, { force: true });
  const server = createServer((s) => { s.on('error', () => {}); s.pipe(s); });
  server.listen(socket, () => console.log('stand-in ${version} listens'));
  process.on('SIGTERM', () => process.exit(0));
}
const command = process.argv[2];
if (command === 'run') {
  ${run};
} else if (command === 'version') console.log(JSON.stringify({ version: '${version}' }));
else {
  const s = connect(socket);
  s.on('error', (error) => { console.error(error.message); process.exit(1); });
  process.stdin.pipe(s).pipe(process.stdout);
}
`;
  const path = join(dir, `daemon-${version}.mjs`);
  writeFileSync(path, source);
  const sha256 = createHash('sha256').update(source).digest('hex');
  return { path, version, sha256 };
}

export function loginTo(sshd: TestSshd, more: Partial<SshOptions> = {}): Promise<SshConnection> {
  return connectSsh({
    host: '127.0.0.1',
    port: sshd.port,
    login: { user: sshd.user, keyPath: sshd.keyPath },
    verify: () => null,
    ...more,
  });
}

export interface Installed {
  id: string;
  inspection: Inspection;
  /** All rows of steps that were told. */
  told: Step[][];
}

/** Inspects and installs, as the engine does. */
export async function installOn(
  connection: SshConnection,
  daemon: DaemonFile,
  more: Partial<InstallInput> = {},
): Promise<Installed> {
  const { ownPublicLine = null, signingKey = null } = more;
  const inspection = await inspect(connection, {
    daemon,
    runtimeCache: RUNTIME_CACHE,
    ownPublicLine,
    signingKey,
  });
  const told: Step[][] = [];
  const { id } = await install(connection, {
    inspection,
    daemon,
    runtimeCache: RUNTIME_CACHE,
    assetsDir: ASSETS,
    ownPublicLine,
    signingKey,
    sudoPassword: null,
    onSteps: (steps) => told.push(steps),
    ...more,
  });
  return { id, inspection, told };
}
