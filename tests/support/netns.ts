/**
 * Network namespaces of a test's own, joined by virtual cables: nothing sent in them reaches another network.
 * Needs root and iproute2: gate with `need('netns')`. Call `removeNetns` after each test: it ends all by PID.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';

export interface Netns {
  readonly name: string;
  /** Runs `ip` with these arguments inside. */
  ip(...args: string[]): string;
  /** Starts a program inside; it is killed by `removeNetns` at the latest. */
  spawn(command: string, args: string[]): ChildProcess;
}

const alive = new Map<string, ChildProcess[]>();
let serial = 0;

/** A namespace with loopback up. */
export function createNetns(label: string): Netns {
  const name = `muster-test-${process.pid}-${label}-${++serial}`;
  const children: ChildProcess[] = [];
  run('ip', 'netns', 'add', name);
  alive.set(name, children);
  run('ip', '-n', name, 'link', 'set', 'lo', 'up');
  // Without waiting for duplicate address detection an IPv6 address can be used at once.
  const noDad = 'for f in all default; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; done';
  run('ip', 'netns', 'exec', name, 'sh', '-c', noDad);
  return {
    name,
    ip: (...args) => run('ip', '-n', name, ...args),
    spawn(command, args) {
      const child = spawn('ip', ['netns', 'exec', name, command, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      return child;
    },
  };
}

/** Ends what was started in the namespaces made so far, and deletes them. */
export async function removeNetns(): Promise<void> {
  for (const [name, children] of alive) {
    await Promise.all(children.map(end));
    run('ip', 'netns', 'del', name);
    alive.delete(name);
  }
}

/** A cable between two namespaces: an interface of this name and address (with prefix length) at either end. */
export function cable(a: Netns, aEnd: [string, string], b: Netns, bEnd: [string, string]): void {
  a.ip('link', 'add', aEnd[0], 'type', 'veth', 'peer', 'name', bEnd[0], 'netns', b.name);
  for (const [ns, [name, address]] of [
    [a, aEnd],
    [b, bEnd],
  ] as const) {
    ns.ip('address', 'add', address, 'dev', name);
    ns.ip('link', 'set', name, 'up');
  }
}

/** Ends one child, first asking, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(force);
}

function run(command: string, ...args: string[]): string {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  return execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, PATH: path } });
}
