/**
 * System parts a test may want. A missing part skips the test by name and says what to install;
 * with MUSTER_REQUIRE=all a missing part is a failure instead.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Part {
  install: string;
  present: () => boolean;
}

/** Debian's libraries of Erlang, one folder each. */
const ERLANG = '/usr/lib/erlang/lib';

function inPath(program: string): boolean {
  return `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
    .split(':')
    .some((dir) => existsSync(join(dir, program)));
}

function canUnshareNet(): boolean {
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const PARTS = {
  sshd: { install: 'openssh-server', present: () => existsSync('/usr/sbin/sshd') },
  ssh: { install: 'openssh-client', present: () => inPath('ssh') && inPath('ssh-keygen') },
  avahi: {
    install: 'avahi-daemon avahi-utils dbus',
    present: () => existsSync('/usr/sbin/avahi-daemon') && inPath('dbus-daemon'),
  },
  netns: { install: 'iproute2, and root', present: () => inPath('ip') && canUnshareNet() },
  mount: { install: 'util-linux, and root that may mount', present: canMount },
  'erlang-ssh': {
    install: 'erlang-ssh elixir',
    present: () =>
      inPath('elixir') && existsSync(ERLANG) && readdirSync(ERLANG).some((name) => name.startsWith('ssh-')),
  },
  socat: { install: 'socat', present: () => inPath('socat') },
  mosquitto: { install: 'mosquitto', present: () => inPath('mosquitto') },
  gcc: { install: 'gcc libc6-dev', present: () => inPath('gcc') },
  'gcc-arm64': {
    install: 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
    present: () => inPath('aarch64-linux-gnu-gcc'),
  },
  'g++': {
    install: 'g++ g++-aarch64-linux-gnu',
    present: () => inPath('x86_64-linux-gnu-g++') && inPath('aarch64-linux-gnu-g++'),
  },
  systemd: { install: 'systemd', present: () => inPath('systemd-analyze') },
  chromium: { install: 'chromium', present: () => existsSync('/usr/bin/chromium') },
  xvfb: { install: 'xvfb xauth', present: () => inPath('xvfb-run') },
  electron: {
    install: 'an Electron runtime named by ELECTRON_OVERRIDE_DIST_PATH',
    present: () => existsSync(join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '/nonexistent', 'electron')),
  },
  'qemu-arm64': {
    install: 'qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross',
    present: () => inPath('qemu-aarch64-static') && existsSync('/usr/aarch64-linux-gnu/lib/libstdc++.so.6'),
  },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;

/** True when every part is there. Otherwise false (use with `describe.skipIf(!need(...))`), or a throw under MUSTER_REQUIRE. */
export function need(...names: PartName[]): boolean {
  const missing = names.filter((name) => !PARTS[name].present());
  if (missing.length === 0) return true;
  const what = missing.map((name) => `${name} (install: ${PARTS[name].install})`).join(', ');
  if (process.env['MUSTER_REQUIRE'] === 'all') throw new Error(`MUSTER_REQUIRE=all, but missing: ${what}`);
  process.stderr.write(`skipped for want of ${what}\n`);
  return false;
}
