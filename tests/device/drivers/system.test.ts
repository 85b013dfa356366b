/** System drivers over the files of real boards (Raspberry Pi OS on a Pi 4; an RPi with two hwmon chips of one name). */
import { describe, expect, it } from 'vitest';
import { driverById } from '../../../device/drivers/catalog.ts';
import { defaultSensors } from '../../../device/sensors/default-sensors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { machineOf } from '../../support/machine.ts';

const PI = {
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
  'sys/class/thermal/thermal_zone0/temp': '48686',
  'sys/class/thermal/cooling_device0/type': 'pwm-fan',
  'proc/loadavg': '0.31 0.18 0.05 1/143 2231',
  'proc/meminfo': 'MemTotal:        1000000 kB\nMemFree:          100000 kB\nMemAvailable:    750000 kB',
  'proc/uptime': '3661.42 14233.11',
  'sys/class/hwmon/hwmon0/name': 'cpu_thermal',
  'sys/class/hwmon/hwmon0/temp1_input': '48686',
  'sys/class/hwmon/hwmon1/name': 'ina219',
  'sys/class/hwmon/hwmon1/in1_input': '5104',
  'sys/class/hwmon/hwmon1/curr1_input': '-312',
  'sys/class/hwmon/hwmon1/power1_input': '1592000',
  'sys/class/hwmon/hwmon2/name': 'ina219',
  'sys/class/hwmon/hwmon2/in1_input': '12004',
  'sys/class/hwmon/hwmon2/in1_label': 'solar',
  'sys/class/hwmon/hwmon3/name': 'pwmfan',
  'sys/bus/iio/devices/iio:device0/name': 'bmp280',
  'sys/bus/iio/devices/iio:device0/in_temp_input': '24310',
  'sys/bus/iio/devices/iio:device0/in_pressure_input': '101.325',
  'sys/bus/iio/devices/iio:device1/name': 'mcp3424',
  'sys/bus/iio/devices/iio:device1/in_voltage0_raw': '1000',
  'sys/bus/iio/devices/iio:device1/in_voltage_scale': '0.5',
  'sys/bus/iio/devices/iio:device1/in_voltage1_raw': '2000',
  'sys/bus/iio/devices/iio:device1/in_voltage1_scale': '0.25',
  'sys/bus/iio/devices/iio:device1/in_voltage1_offset': '-1000',
  'sys/bus/iio/devices/iio:device2/name': 'broken',
  'sys/bus/iio/devices/iio:device2/in_voltage0_raw': '1000',
};

async function ask(id: string, files: Record<string, string>, options: Record<string, unknown> = {}) {
  const driver = driverById(id);
  if (!driver) throw new Error(id);
  const machine = machineOf(files);
  const channels = driver.channels({ machine, options });
  const values = new Float64Array(channels.length);
  const sensor = await driver.open({ bus: null, address: 0, options, machine, clock: new FakeClock() });
  await sensor.read(values, new Uint8Array(channels.length));
  return Object.fromEntries(
    channels.map(({ channel, quantity }, i) => [`${channel} ${quantity}`, values[i]]),
  );
}

describe('system drivers', () => {
  it('read a Pi', async () => {
    expect(await ask('cpu-temperature', PI)).toEqual({ 'cpu-thermal temperature': 48.686 });
    expect(await ask('load', PI)).toEqual({ 'load1 load': 0.31, 'load5 load': 0.18, 'load15 load': 0.05 });
    expect(await ask('memory', PI)).toEqual({ 'available data': 768_000_000, 'used share': 25 });
    expect(await ask('uptime', PI)).toEqual({ 'uptime duration': 3661.42 });
    expect(await ask('disk', PI)).toEqual({ 'free data': 250, 'used share': 75 });
  });

  it('read hwmon chips by name, by folder where two share one, with labels', async () => {
    expect(await ask('hwmon', PI, { chip: 'cpu_thermal' })).toEqual({ 'temp1 temperature': 48.686 });
    expect(await ask('hwmon', PI, { chip: 'hwmon1' })).toEqual({
      'curr1 current': -0.312,
      'in1 voltage': 5.104,
      'power1 power': 1.592,
    });
    expect(await ask('hwmon', PI, { chip: 'hwmon2' })).toEqual({ 'in1 solar voltage': 12.004 });
  });

  it('read IIO devices, ready values and raw ones with their scale and offset', async () => {
    expect(await ask('iio', PI, { device: 'bmp280' })).toEqual({
      'pressure pressure': 101_325,
      'temp temperature': expect.closeTo(24.31, 9),
    });
    expect(await ask('iio', PI, { device: 'mcp3424' })).toEqual({
      'voltage0 voltage': 0.5,
      'voltage1 voltage': 0.25,
    });
  });

  it('offer what there is, and no more', () => {
    const ids = (files: Record<string, string>) => defaultSensors(machineOf(files)).map(({ id }) => id);
    expect(ids({})).toEqual(['load', 'memory', 'disk', 'uptime']);
    expect(ids(PI)).toEqual([
      'cpu',
      'load',
      'memory',
      'disk',
      'uptime',
      'hwmon-cpu_thermal',
      'hwmon-hwmon1',
      'hwmon-hwmon2',
      'iio-bmp280',
      'iio-mcp3424',
    ]);
  });

  it.each([
    ['cpu-temperature', {}, {}, 'BUS_MISSING'],
    ['load', {}, {}, 'BUS_MISSING'],
    ['load', { 'proc/loadavg': 'no numbers here' }, {}, 'BAD_REPLY'],
    ['memory', { 'proc/meminfo': 'MemTotal: 5 kB' }, {}, 'BAD_REPLY'],
    ['uptime', { 'proc/uptime': '' }, {}, 'BAD_REPLY'],
    ['hwmon', PI, { chip: 'nosuch' }, 'BUS_MISSING'],
    ['iio', PI, { device: 7 }, 'BUS_MISSING'],
    ['iio', PI, { device: 'broken' }, 'BUS_MISSING'],
  ])('%s says what is missing or wrong (%#)', async (id, files, options, code) => {
    await expect(ask(id, files, options)).rejects.toMatchObject({ code });
  });
});
