/** What happens to the lab's Raspberry Pi 3 B, step by step; each step answers what it saw and throws at what must not be. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { install as installed, measuring, PATIENCE_MS, recorded, type Lab } from './common-steps.ts';
import { setProperty } from './qmp.ts';
import { runtimeName, STAGE } from './pi3-runtime.ts';

/** The header's pin 11. */
const LINE = 17;
const VALVE = 'valve';
const MINUTE = 60_000;

/** Where the monitor of the machine in `folder` listens. */
export function qmpOf(folder: string): string {
  return join(folder, 'qmp.sock');
}

/** What the kernel found: the real drivers of a real board's chips. */
export async function board({ machine }: Lab) {
  const model = machine.root("tr -d '\\0' </proc/device-tree/model");
  assert.equal(model, 'Raspberry Pi 3 Model B');
  const clocks = machine.root('ls /dev/rtc* 2>/dev/null || true');
  assert.equal(clocks, '', 'there is no clock chip on this board');
  const chip = machine.root('cat /sys/class/i2c-adapter/i2c-1/name');
  assert.match(chip, /bcm2835/);
  const lines = machine.root('gpiodetect');
  assert.match(lines, /gpiochip0 \[pinctrl-bcm2835\]/);
  const thermal = machine.root(
    'cat /sys/class/thermal/thermal_zone0/type /sys/class/thermal/thermal_zone0/temp',
  );
  return { model, kernel: machine.root('uname -rm'), i2c: chip, gpio: lines, thermal: thermal.split('\n') };
}

/** The runtime lies where an installation that was cut left it, so that it is looked at and not sent again. */
export async function install(lab: Lab) {
  const { machine } = lab;
  machine.root(`test -f ${STAGE}/${runtimeName()}`);
  const received = (): number =>
    machine
      .root('cat /sys/class/net/*/statistics/rx_bytes')
      .split('\n')
      .reduce((sum, bytes) => sum + Number(bytes), 0);
  const before = received();
  const seen = await installed(lab);
  const sentMb = Math.round((received() - before) / 1e5) / 10;
  assert.ok(sentMb < 20, `${sentMb} MB were sent`);
  // what that installation left is no part of the device as it was
  lab.before =
    lab.before
      ?.split('\n')
      .filter((line) => !line.includes(STAGE))
      .join('\n') ?? '';
  return { ...seen, sentMb };
}

/** A board without a clock chip boots in the past; a laptop's time moves all of its run. */
export async function clock(lab: Lab) {
  const { machine, laptop } = lab;
  const off = Date.now() - Number(machine.root('date +%s')) * 1000;
  assert.ok(off > 60 * MINUTE, `the device is only ${off} ms behind, which is no wrong clock`);
  const before = await recorded(laptop);
  const newest = Math.max(...before.map(({ t }) => t));
  assert.ok(Date.now() - newest > 60 * MINUTE, 'readings of a run that nobody put right bear its own time');
  const from = Date.now();
  const { offered } = await laptop.json<{ offered: { verdict: string; movedMs: number } }>([
    'clock',
    'HOST',
    '--set',
  ]);
  assert.ok(Math.abs(offered.movedMs - off) < 5 * MINUTE, JSON.stringify(offered));
  await measuring(lab);
  const after = await recorded(laptop);
  // the same readings, the first ones included, now at the time when they were measured
  const first = Math.min(...after.map(({ t }) => t));
  assert.ok(first > from - 12 * 60 * MINUTE, `the first reading is of ${new Date(first).toISOString()}`);
  assert.ok(after.every(({ t }) => t < Date.now() + MINUTE));
  assert.ok(after.length >= before.length);
  return { behind_h: Math.round(off / 36e5), offered, readings: after.length };
}

/** As a person does it: a document, tried and confirmed. Then the thermometer on the real bus gets warmer and colder. */
export async function thermometer(lab: Lab) {
  const { laptop, folder } = lab;
  const file = join(folder, 'config.yaml');
  const { text } = await laptop.json<{ text: string }>(['config', 'get', 'HOST']);
  writeFileSync(
    file,
    `${text.trimEnd()}
buses:
  - { id: header, kind: i2c, device: /dev/i2c-1 }
  - { id: pins, kind: gpio, device: /dev/gpiochip0 }
sensors:
  - { id: room, driver: tmp105, bus: header, address: 72, periodMs: 1000 }
  - { id: cpu, driver: cpu-temperature, periodMs: 5000 }
  - { id: memory, driver: memory, periodMs: 5000 }
  - { id: uptime, driver: uptime, periodMs: 5000 }
outputs:
  - { id: ${VALVE}, kind: gpio, bus: pins, line: ${LINE} }
`,
  );
  await laptop.run(['config', 'apply', 'HOST', file, '--yes']);
  await measuring(lab);
  const read: number[] = [];
  for (const degrees of [25.5, -10.25, 61.75]) {
    await setProperty(qmpOf(folder), 'thermometer', 'temperature', degrees * 1000);
    let last: number | undefined;
    await until(
      async () => {
        const rows = await recorded(laptop);
        last = Number(rows.findLast(({ channel }) => channel === 'room/temperature')?.value);
        return last === degrees;
      },
      () => `${degrees} °C from the thermometer, which reads ${last}`,
      PATIENCE_MS,
    );
    read.push(degrees);
  }
  const status = await measuring(lab);
  return { read, sensors: status.sensors.map(({ sensor, state }) => `${sensor} ${state}`) };
}

/** Who answers on the bus: the driver asks by the bus, nobody told it of the chip. */
export async function scan({ laptop }: Lab) {
  const found = await laptop.json<object>(['scan', 'HOST']);
  assert.match(JSON.stringify(found), /tmp105/i);
  return { found };
}

/** A pin of the header, as the kernel has it. */
export async function output(lab: Lab) {
  const { machine, laptop } = lab;
  const pin = (): string =>
    machine.root(`grep -E 'gpio-[0-9]+ .*muster' /sys/kernel/debug/gpio | head -n 1`).trim();
  const shows = async (level: 'hi' | 'lo'): Promise<string> => {
    await until(
      () => new RegExp(`out ${level}`).test(pin()),
      () => `the line ${level}: ${pin()}`,
      PATIENCE_MS,
    );
    return pin();
  };
  const seen = [await shows('lo')];
  await laptop.run(['set', 'HOST', VALVE, 'on', '--for', '10m']);
  seen.push(await shows('hi'));
  await laptop.run(['set', 'HOST', VALVE, 'off']);
  seen.push(await shows('lo'));
  // nobody holds it any longer: its lease ends and it falls safe
  await laptop.run(['set', 'HOST', VALVE, 'on', '--for', '20s']);
  seen.push(await shows('hi'), await shows('lo'));
  return { line: LINE, seen };
}
