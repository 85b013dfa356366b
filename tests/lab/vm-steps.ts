/** What happens to the lab's device, step by step; each step answers what it saw and throws at what must not be. */
import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import type { DeviceStatus } from '../../src/shared/device-contract.ts';
import type { Laptop } from './laptop.ts';
import { byChannel, lacking, notLater, silences, type Row } from './readings.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { USER } from './vm-image.ts';

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
const PATIENCE_MS = 240_000;
/** A sensor that is read often, so that a hole is seen. */
const FAST = { channel: 'fast/temperature', periodMs: 200 };

/** Everything that an installation could change, with owners, rights and contents where they matter. */
const INVENTORY = String.raw`
find /etc /opt /home /root /srv /usr/local /var/lib /var/spool -xdev \( -path /var/lib/systemd -o -path /var/lib/dhcp \) -prune \
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
async function recorded(laptop: Laptop): Promise<Row[]> {
  const rows = await laptop.export();
  assert.deepEqual(notLater(rows).slice(0, 5), [], 'no reading is there twice or out of order');
  return rows;
}

/** Over SSH with a password for the login and for sudo. */
export async function install(lab: Lab) {
  const { machine, laptop } = lab;
  const modules = ['i2c-dev', 'i2c-stub'];
  machine.root(`printf '%s\n' ${modules.join(' ')} >/etc/modules-load.d/lab.conf
    echo 'options i2c-stub chip_addr=0x48' >/etc/modprobe.d/lab.conf; modprobe -a ${modules.join(' ')}`);
  lab.before = machine.root(INVENTORY);
  const login = ['install', 'HOST', '--user', USER.name, '--password-stdin', '--yes'];
  const { plan } = await laptop.json<{ plan: { needsSudoPassword: boolean; steps: { title: string }[] } }>(
    [...login, '--dry-run'],
    `${USER.password}\n`,
  );
  assert.equal(plan.needsSudoPassword, true);
  assert.equal(machine.root(INVENTORY), lab.before, 'showing the plan changed something');
  await laptop.run(login, `${USER.password}\n`);
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
    steps: plan.steps.length,
    systemd: shown,
    owners,
    sensors: status.sensors.map(({ driver }) => driver),
  };
}

/** A chip's registers held by the kernel's i2c-stub, and a simulated chip read often. */
export async function kernelBus(lab: Lab) {
  const { machine } = lab;
  const path = machine.root("grep -l 'SMBus stub' /sys/class/i2c-adapter/*/name");
  const bus = Number(/i2c-(\d+)/.exec(path)?.[1]);
  const set = (degrees: number): string => machine.root(`i2cset -y ${bus} 0x48 0 ${degrees} b`);
  set(25);
  machine.root(
    `cat >>/var/lib/muster/config.yaml; systemctl restart muster`,
    `buses:
  - { id: board, kind: i2c, device: /dev/i2c-${bus} }
  - { id: played, kind: sim, chips: [{ chip: tmp102, address: 72 }] }
sensors:
  - { id: room, driver: tmp102, bus: board, address: 72, periodMs: 1000 }
  - { id: fast, driver: tmp102, bus: played, address: 72, periodMs: ${FAST.periodMs} }
  - { id: uptime, driver: uptime, periodMs: 1000 }
`,
  );
  await measuring(lab);
  // the stub keeps bytes, so that the low byte of register 0 is the high byte of register 1: 0x60, three eighths
  const shows = async (degrees: number): Promise<void> => {
    const rows = await recorded(lab.laptop);
    const last = rows.findLast(({ channel }) => channel === 'room/temperature');
    assert.equal(Number(last?.value), degrees + 0.375);
  };
  await shows(25);
  set(31);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await shows(31);
  return { bus, read: [25.375, 31.375] };
}

/** The daemon's main process stands still: systemd's watchdog ends it and starts it again. */
export async function hang(lab: Lab) {
  const { machine, laptop } = lab;
  const before = await recorded(laptop);
  const { MainPID: old = '', NRestarts: restarts = '' } = service(machine);
  const from = performance.now();
  machine.root(`kill -STOP ${old}`);
  const again = (): boolean => {
    const now = service(machine);
    return (
      Number(now['NRestarts']) > Number(restarts) && now['ActiveState'] === 'active' && now['MainPID'] !== old
    );
  };
  await until(again, 'the daemon that systemd starts again', PATIENCE_MS);
  const back = Math.round((performance.now() - from) / 1000);
  const said = machine.root(`journalctl -u muster --no-pager -o cat | grep -i watchdog | tail -n 3`);
  assert.match(said, /Watchdog timeout/);
  await measuring(lab);
  const after = await recorded(laptop);
  assert.deepEqual(lacking(before, after).slice(0, 5), [], 'what was fetched is still there');
  return { back_s: back, said, silence_s: longest(after), readings: after.length };
}

/** `sudo reboot`, as a person would. */
export async function reboot(lab: Lab) {
  const { machine, laptop } = lab;
  const before = await recorded(laptop);
  machine.try('systemctl reboot');
  const down_s = await machine.wentDown();
  const down = Date.now();
  const boot_s = await machine.boot();
  await measuring(lab);
  const after = await recorded(laptop);
  assert.deepEqual(lacking(before, after).slice(0, 5), [], 'what was fetched is still there');
  const [silence] = silences(after, FAST.channel, 10_000).slice(-1);
  return { down_s, boot_s, measured_until_s: down_s - (down - silence!.from) / 1000, readings: after.length };
}

/** The plug is pulled while a laptop watches, and again while nobody does. */
export async function cutPower(lab: Lab) {
  const { machine, laptop } = lab;
  const watch = laptop.watch();
  await until(() => watch.seen() > 100, 'readings to watch', PATIENCE_MS);
  const watched = await cut(lab);
  const lines = await watch.stop();
  const shown = lines.map(({ at, sensor, channel }) => `${sensor}/${channel} ${Date.parse(at)}`);
  // another laptop: all it has comes from the device's journal
  const other = laptop.elsewhere();
  await other.run(['install', 'HOST', '--user', USER.name, '--yes']);
  const rows = await recorded(other);
  const there = new Set(rows.map(({ channel, t }) => `${channel} ${Math.floor(t)}`));
  assert.deepEqual(
    shown.filter((line) => !there.has(line)).slice(0, 5),
    [],
    'a reading that a laptop saw was lost',
  );
  // the device measures on: only what was recorded before the other laptop looked can be compared
  const looked = Math.min(...[...byChannel(rows).values()].map((of) => of.at(-1)!.t));
  const own = (await recorded(laptop)).filter(({ t }) => t <= looked);
  assert.deepEqual(lacking(own, rows).slice(0, 5), [], 'a laptop has what the device has not');
  const alone = await cut(lab);
  const after = await recorded(laptop);
  assert.deepEqual(lacking(rows, after).slice(0, 5), [], 'what was recorded is still there');
  const { journal } = await measuring(lab);
  assert.equal(journal.damagedBatches ?? 0, 0);
  assert.ok(alone.lost_ms < (journal.mayLoseIdleMs ?? 5000) + 3000, `${alone.lost_ms} ms were lost`);
  return { watched, alone, shown: shown.length, readings: after.length };

  async function cut(of: Lab) {
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const at = Date.now();
    await machine.cutPower();
    const boot_s = await machine.boot();
    await measuring(of);
    const all = await recorded(of.laptop);
    const silence = silences(all, FAST.channel, 5000).findLast(({ from }) => from < at + 2000);
    return { boot_s, lost_ms: Math.round(at - (silence?.from ?? 0)) };
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

/** The longest silence of the sensor that is read often, s. */
function longest(rows: readonly Row[]): number {
  return Math.max(
    0,
    ...silences(rows, FAST.channel, 1000).map(({ from, to }) => Math.round((to - from) / 1000)),
  );
}
