/** `muster firmware push, status, rollback, history`: firmware on devices, and back again. */
import { resolve } from 'node:path';
import type { Engine } from '../../core/engine.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { matchDevice } from '../find-device.ts';
import { campaignText, firmwareName, followCampaign } from '../follow-campaign.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { linkedDevice, withDevice } from '../with-device.ts';
import { withEngine } from '../with-engine.ts';

export interface PushOptions {
  devices?: string;
  all?: boolean;
  canary: number;
  cap: number;
  maxFailures: number;
  dryRun?: boolean;
}

const VERDICTS = {
  update: 'is updated',
  downgrade: 'goes back to an older version',
  current: 'runs it already',
  offline: 'waits',
  refused: 'refuses it',
} as const;

/** The devices that a person named, or all of the site that could take firmware. */
async function chosen(engine: Engine, { devices: names, all }: PushOptions): Promise<DeviceRecord[]> {
  const { devices } = await engine.handlers['fleet.snapshot']({});
  if (Boolean(all) === (names !== undefined))
    throw new MusterError('BAD_INPUT', 'say which devices: --devices NAME,NAME or --all', {
      field: '--devices, --all',
    });
  if (names === undefined) {
    const mine = devices.filter((device) => device.mine && (device.installed || device.kind === 'nerves'));
    if (mine.length > 0) return mine;
    throw new MusterError('NOT_INSTALLED', 'this site has no devices', { device: 'any device of this site' });
  }
  return names
    .split(',')
    .filter(Boolean)
    .map((name) => {
      const found = matchDevice(devices, name.trim());
      if (!found) throw new MusterError('DEVICE_UNKNOWN', `no device ${name}`, { device: name });
      return found;
    });
}

/** Pushes firmware, one file for each kind of device. Exit code 1 unless every chosen device runs it in the end. */
export function push(context: CommandContext, files: string[], options: PushOptions): Promise<void> {
  return withEngine(context, { watch: true, campaigns: true, quiet: true }, async (engine) => {
    const { output } = context;
    const paths = files.map((file) => resolve(file));
    const devices = (await chosen(engine, options)).map(({ id }) => id);
    const { files: read, rows } = await engine.handlers['campaign.preview']({ paths, devices });
    const names = read.map(firmwareName);
    output.progress(`${names.join(', ')}:`);
    output.progress(
      table(
        ['DEVICE', 'RUNS', 'GETS', 'WHAT HAPPENS', ''],
        rows.map(({ name, from, file, verdict, reason }) => [
          name,
          from ?? '–',
          file === null ? '–' : names[file]!,
          VERDICTS[verdict],
          reason ?? '',
        ]),
      ),
    );
    if (options.dryRun) return output.result({ files: read, rows, dryRun: true }, '');
    // who refuses would only be a failure that stops the others; it has been told
    const takers = rows.filter(({ verdict }) => verdict !== 'refused').map(({ device }) => device);
    const refused = rows.length - takers.length;
    if (takers.length === 0)
      throw new MusterError('REFUSED', 'no device takes it', {
        device: rows.length === 1 ? rows[0]!.name : 'Every chosen device',
        reason: rows[0]?.reason ?? 'it refuses this firmware',
      });
    const { canary, cap, maxFailures } = options;
    const order = { canary, cap, maxFailures };
    const { campaign: id } = await engine.handlers['campaign.start']({ paths, devices: takers, ...order });
    const campaign = await followCampaign(engine, id, output);
    const { text, good } = campaignText(campaign);
    if (!good || refused > 0) process.exitCode = 1;
    const left = refused > 0 ? ` ${refused} refused it and got nothing.` : '';
    output.result({ campaign, refused: rows.filter(({ verdict }) => verdict === 'refused') }, text + left);
  });
}

/** Tells what one device runs, or all of the site that can be reached. */
export function firmwareStatus(context: CommandContext, host: string | undefined): Promise<void> {
  return withEngine(context, { watch: true }, async (engine) => {
    const all = (await engine.handlers['fleet.snapshot']({})).devices;
    const hosts = host === undefined ? all.filter(({ mine, installed }) => mine && installed) : [host];
    const states = [];
    for (const one of hosts) {
      const name = typeof one === 'string' ? one : one.id;
      try {
        const device = await linkedDevice(engine, name);
        states.push({
          device: device.name,
          ...(await engine.handlers['firmware.state']({ device: device.id })),
        });
      } catch (thrown) {
        if (host !== undefined) throw thrown;
        context.output.error(thrown);
      }
    }
    const rows = states.map(({ device, running, slots, trial, last, keys }) => {
      const version = (slot: string) => slots.find((one) => one.slot === slot);
      const now = version(running);
      const others = slots.filter(({ slot }) => slot !== running).map((slot) => slot.version);
      const ended = last && `${last.version} ${last.outcome}: ${last.reason}`;
      const left = trial && `on trial, ${Math.round(trial.remainingMs / 1000)} s left`;
      return [
        device,
        now ? `${now.product} ${now.version}` : running,
        others.join(', ') || '–',
        keys.map((key) => key.name).join(', ') || 'none: it refuses all firmware',
        left ?? ended ?? '',
      ];
    });
    const text = table(['DEVICE', 'RUNS', 'ALSO HOLDS', 'TRUSTS', 'LAST CHANGE'], rows);
    context.output.result(states, rows.length > 0 ? text : 'This site has no devices that can be asked.');
  });
}

/** Has a device restart into the version it ran before. */
export function rollBack(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, device) => {
    const { version } = await engine.handlers['firmware.rollBack']({ device: device.id });
    context.output.result(
      { device: device.id, version },
      `${device.name} restarts into ${version}. "muster firmware status ${device.name}" tells when it has proven itself.`,
    );
  });
}

/** Lists the pushes of this site, newest first. */
export function history(context: CommandContext): Promise<void> {
  return withEngine(context, { watch: false }, async (engine) => {
    const { campaigns } = await engine.handlers['campaigns.snapshot']({});
    const rows = campaigns.map((campaign) => [
      new Date(campaign.startedAt).toISOString(),
      campaign.state,
      campaignText(campaign).text,
    ]);
    const text = rows.length > 0 ? table(['BEGUN', 'STATE', 'RESULT'], rows) : 'Nothing was pushed yet.';
    context.output.result(campaigns, text);
  });
}
