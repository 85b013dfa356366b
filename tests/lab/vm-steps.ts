/** What happens to the lab's x64 machine, step by step; each step answers what it saw and throws at what must not be. */
import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { install as installed, measuring, PATIENCE_MS, recorded, service, type Lab } from './common-steps.ts';
import { USER } from './image.ts';
import type { VirtualMachine } from './virtual-machine.ts';
import { byChannel, lacking, silences, type Row } from './readings.ts';

/** A sensor that is read often, so that a hole is seen. */
const FAST = { channel: 'fast/temperature', periodMs: 200 };

/** A kernel's bus with a chip that is none comes first. */
export async function install(lab: Lab) {
  const modules = ['i2c-dev', 'i2c-stub'];
  lab.machine.root(`printf '%s\n' ${modules.join(' ')} >/etc/modules-load.d/lab.conf
    echo 'options i2c-stub chip_addr=0x48' >/etc/modprobe.d/lab.conf; modprobe -a ${modules.join(' ')}`);
  return installed(lab);
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
    let last: number | undefined;
    await until(
      async () => {
        const rows = await recorded(lab.laptop);
        last = Number(rows.findLast(({ channel }) => channel === 'room/temperature')?.value);
        return last === degrees + 0.375;
      },
      () => `${degrees} °C and three eighths from the thermometer, which reads ${last}`,
      PATIENCE_MS,
    );
  };
  await shows(25);
  set(31);
  await shows(31);
  return { bus, read: [25.375, 31.375], ...unasked(machine) };
}

/** The daemon's main process stands still: systemd's watchdog ends it and starts it again. */
export async function hang(lab: Lab) {
  const { machine, laptop } = lab;
  const before = await recorded(laptop);
  const ends = unasked(machine);
  const { MainPID: old = '', NRestarts: restarts = '' } = service(machine);
  assert.notEqual(old, '0', `no daemon to stop: ${JSON.stringify(ends)}`);
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
  return { ...ends, back_s: back, said, silence_s: longest(after), readings: after.length };
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

/** What ended in this boot though nobody asked for it; on a machine that is slow enough, something may. */
function unasked(machine: VirtualMachine): { hostsEnded: number; watchdogStruck: number } {
  const count = (words: string): number =>
    Number(machine.root(`journalctl -b -u muster --no-pager -o cat | grep -c '${words}' || true`));
  return { hostsEnded: count('HOST_FAILED'), watchdogStruck: count('Watchdog timeout') };
}

/** The longest silence of the sensor that is read often, s. */
function longest(rows: readonly Row[]): number {
  return Math.max(
    0,
    ...silences(rows, FAST.channel, 1000).map(({ from, to }) => Math.round((to - from) / 1000)),
  );
}
