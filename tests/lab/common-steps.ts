/** What every lab does: installs as a person does, waits, looks, uninstalls. Each step answers what it saw and throws at what must not be. */
import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import type { DeviceStatus } from '../../src/shared/device-contract.ts';
import { USER } from './image.ts';
import type { Laptop } from './laptop.ts';
import { notLater, type Row } from './readings.ts';
import type { VirtualMachine } from './virtual-machine.ts';

export interface Lab {
  machine: VirtualMachine;
  laptop: Laptop;
  folder: string;
  /** What was on the device before Muster. */
  before?: string;
  /** Number of the kernel's bus with the chip. */
  bus?: number;
}

/** A daemon starts, emulated, while others want the processor too, ms. */
export const PATIENCE_MS = 600_000;
const MOST_TRIES = 5;
/** Everything that an installation could change, with owners, rights and contents where they matter. */
const INVENTORY = String.raw`
find /etc /opt /home /root /srv /usr/local /var/lib /var/spool -xdev \( -path /var/lib/systemd -o -path /var/lib/dhcp -o -path /var/lib/apt \) -prune \
  -o -name .sudo_as_admin_successful \
  -o -printf '%p %u:%g %m %l\n' | sort
grep -H . /etc/passwd /etc/group /home/pi/.ssh/authorized_keys 2>/dev/null
systemctl list-unit-files --no-legend | grep -i muster
ls -d /run/muster /tmp/*muster* /tmp/systemd-private-*muster* 2>/dev/null
true`;

/** Properties of the service as systemd has them. */
export function service(machine: VirtualMachine): Record<string, string> {
  const names = 'Type,ActiveState,SubState,WatchdogUSec,StatusText,MainPID,NRestarts,User,Result';
  const lines = machine.root(`systemctl show muster -p ${names}`).split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

/** Waits until all sensors but `except` measure; gives the device's account. */
export async function measuring({ laptop }: Lab, except: readonly string[] = []): Promise<DeviceStatus> {
  let last = '';
  let status: DeviceStatus | undefined;
  await until(
    async () => {
      const { code, stdout, stderr } = await laptop.try(['--json', 'status', 'HOST']);
      last = stdout + stderr;
      if (code !== 0) return false;
      ({ status } = JSON.parse(stdout) as { status: DeviceStatus });
      return status.sensors.every(({ sensor, state }) => state === 'ok' || except.includes(sensor));
    },
    () => `all sensors measuring (${last.slice(0, 3000)})`,
    PATIENCE_MS,
  );
  return status!;
}

/** Exports and holds the readings to what is always true of them. */
export async function recorded(laptop: Laptop): Promise<Row[]> {
  const rows = await laptop.export();
  assert.deepEqual(notLater(rows).slice(0, 5), [], 'no reading is there twice or out of order');
  return rows;
}

/** Over SSH with a password for the login and for sudo. */
export async function install(lab: Lab) {
  const { machine, laptop } = lab;
  lab.before = machine.root(INVENTORY);
  const login = ['install', 'HOST', '--user', USER.name, '--password-stdin', '--yes'];
  const { plan } = await laptop.json<{ plan: { needsSudoPassword: boolean; steps: { title: string }[] } }>(
    [...login, '--dry-run'],
    `${USER.password}\n`,
  );
  assert.equal(plan.needsSudoPassword, true);
  assert.equal(machine.root(INVENTORY), lab.before, 'showing the plan changed something');
  const tries = await insistently(laptop, login);
  // told by a process of its own, some time after the socket is there
  await until(() => service(machine)['ActiveState'] === 'active', 'READY=1', PATIENCE_MS);
  const shown = service(machine);
  const { Type, SubState, WatchdogUSec, StatusText, User } = shown;
  assert.deepEqual(
    { Type, SubState, WatchdogUSec, User },
    { Type: 'notify', SubState: 'running', WatchdogUSec: '30s', User: 'muster' },
  );
  assert.match(StatusText ?? '', /\w/);
  const rights = (path: string): string => machine.root(`stat -c '%U:%G %a' ${path}`);
  const owners = Object.fromEntries(
    [
      '/run/muster',
      '/run/muster/muster.sock',
      '/var/lib/muster',
      '/opt/muster',
      '/opt/muster/muster-guard.sh',
      '/opt/muster/slots/a',
    ].map((path) => [path, rights(path)]),
  );
  assert.equal(owners['/opt/muster/muster-guard.sh'], 'root:root 755');
  assert.equal(owners['/run/muster/muster.sock'], 'muster:muster 660');
  assert.equal(owners['/opt/muster/slots/a'], 'muster:muster 755');
  assert.match(machine.root(`id -Gn ${USER.name}`), /\bmuster\b/);
  const status = await measuring(lab);
  return {
    tries,
    steps: plan.steps.length,
    systemd: shown,
    owners,
    sensors: status.sensors.map(({ driver }) => driver),
  };
}

/** Tries again where the words are "try again": a board that is emulated and busy loses its connection. Answers how often. */
async function insistently(laptop: Laptop, login: string[]): Promise<number> {
  for (let tries = 1; ; tries++) {
    const { code, stdout, stderr } = await laptop.try(login, `${USER.password}\n`);
    if (code === 0) return tries;
    const again = tries < MOST_TRIES && /CONNECTION_LOST|HOST_UNREACHABLE|DEVICE_BUSY/.test(stderr);
    if (!again) throw new Error(`muster ${login.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  }
}

/** Nothing is left but what was there before. */
export async function uninstall({ machine, laptop, before = '' }: Lab) {
  await laptop.run(['uninstall', 'HOST', '--password-stdin', '--yes'], `${USER.password}\n`);
  const [was, is] = [before, machine.root(INVENTORY)].map((text) => new Set(text.split('\n')));
  const left = [...is!].filter((line) => !was!.has(line));
  const gone = [...was!].filter((line) => !is!.has(line));
  assert.deepEqual({ left, gone }, { left: [], gone: [] });
  const processes = machine.try('pgrep -af muster').stdout;
  assert.equal(processes, '');
  return { looked_at: was!.size };
}
