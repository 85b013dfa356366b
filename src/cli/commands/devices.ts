/** `muster discover`, `devices`, `status`: looking without touching. */
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { watchdogText } from '../../shared/watchdog-text.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { withDevice } from '../with-device.ts';
import { pause, withEngine } from '../with-engine.ts';

function listing(devices: DeviceRecord[]): string {
  return table(
    ['NAME', 'ADDRESS', 'STATE', 'MUSTER', 'MODEL'],
    devices.map((device) => {
      const [address] = device.addresses;
      return [
        device.name,
        address ? `${address.host}:${address.port}` : '',
        device.presence,
        device.daemonVersion ?? (device.installed ? 'installed' : '–'),
        device.model ?? '',
      ];
    }),
  );
}

/** Lists whoever answers within `seconds`. */
export function discover(context: CommandContext, { seconds }: { seconds: number }): Promise<void> {
  return withEngine(context, { watch: true }, async (engine) => {
    context.output.progress(`Looking for ${seconds} s …`);
    await pause(seconds * 1000);
    const { devices } = await engine.handlers['fleet.snapshot']({});
    const nearby = devices.filter((device) => device.presence === 'nearby');
    const { advice } = await engine.handlers['discovery.status']({});
    context.output.result(nearby, nearby.length > 0 ? listing(nearby) : `Nothing found. ${advice}`);
  });
}

/** Lists the devices of the site. */
export function devices(context: CommandContext): Promise<void> {
  return withEngine(context, { watch: false }, async (engine) => {
    const mine = (await engine.handlers['fleet.snapshot']({})).devices.filter((device) => device.mine);
    const empty = 'This site has no devices yet. "muster discover" shows who is nearby.';
    context.output.result(mine, mine.length > 0 ? listing(mine) : empty);
  });
}

/** Tells how one installed device does. */
export function status(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, device) => {
    const health = await engine.handlers['device.status']({ device: device.id });
    const sensors = health.sensors.map(({ name, driver, state, lastError }) => [
      name,
      driver,
      state,
      lastError ?? '',
    ]);
    const text = [
      ...(health.mode === 'safe' ? [`SAFE MODE, all sensors are off: ${health.modeReason ?? ''}`] : []),
      `${device.name}: daemon ${health.daemonVersion}, up ${Math.round(health.uptimeS)} s, clock ${health.clock}`,
      `${health.readingsPerS.toFixed(1)} readings/s, journal ${(health.journal.bytes / 1e6).toFixed(1)} MB, disk free ${(health.disk.freeBytes / 1e9).toFixed(1)} GB`,
      `hardware watchdog: ${watchdogText(health.watchdog) ?? 'not told'}`,
      table(['SENSOR', 'DRIVER', 'STATE', 'LAST ERROR'], sensors),
    ].join('\n');
    context.output.result({ device, status: health }, text);
  });
}
