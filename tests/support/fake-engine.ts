/**
 * An engine of make-believe behind the real contract, so that screens run without devices. Rows, jobs and readings
 * behave as the real ones do (whole rows, temporary ids that become lasting, jobs with steps); nothing is on any network.
 */
import type { Channel, DeviceRecord, EngineContract, Job } from '../../src/shared/engine-contract.ts';
import { engineContract } from '../../src/shared/engine-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { servePeer, type Handlers } from '../../src/shared/peer.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import { VERSION } from '../../src/shared/version.ts';
import { FakeConfigurations, type FakeConfiguration } from './fake-configuration.ts';
import { createFakeCampaigns, type FakeCampaigns } from './fake-campaigns.ts';
import { bareDevice, fakeChannels, installedDevice } from './fake-fleet.ts';
import { FakeJobs, waitingStep } from './fake-jobs.ts';
import { asksForKey, FAKE_PASSWORD, FINGERPRINT } from './fake-login.ts';
import { fakeNerves } from './fake-nerves.ts';
import { fakeOutputs } from './fake-outputs.ts';
import { PLAN, UPLOAD_BYTES } from './fake-plan.ts';
import { fakePublishers } from './fake-publishers.ts';
import { fakeScan } from './fake-scan.ts';
import { fakeGap, fakePull, fakeSeries } from './fake-series.ts';
import { fakeUninstall } from './fake-uninstall.ts';
import { fakeStatus, fakeTree, type FakeAdministration } from './fake-health.ts';

type Events = keyof EngineContract['events'];

export interface FakeEngine {
  readonly devices: Map<string, DeviceRecord>;
  readonly jobs: Map<string, Job>;
  readonly firmware: FakeCampaigns;
  readonly handlers: Handlers<EngineContract>;
  /** Serves one page. */
  serve(pipe: Pipe): void;
  setDevice(device: DeviceRecord): void;
  rename(from: string, to: string): void;
  remove(id: string): void;
  /** As after a daemon that died again and again. */
  enterSafeMode(id: string): void;
  /** From now on its journal says this besides. */
  setJournal(id: string, journal: NonNullable<FakeAdministration['journal']>): void;
  /** The document of a device, its history, and what becomes of a trial. */
  configuration(id: string): FakeConfiguration;
  /** Cuts every page off; they may come back at once. */
  cut(): void;
  /** Cuts every page off and lets none in, as an engine that died does, until `live`. */
  die(): void;
  live(): void;
}

/** `stepMs`: how long a step of a job takes. `devices` may be empty: "Nothing here". */
export function createFakeEngine(options: {
  devices: DeviceRecord[];
  stepMs?: number;
  archiveSetAside?: string;
}): FakeEngine {
  const stepMs = options.stepMs ?? 150;
  const devices = new Map(options.devices.map((device) => [device.id, device]));
  const channels = new Map<number, Channel>();
  const pages = new Map<Pipe, { emit(name: Events, payload: never): void }>();
  const sessions = new Map<string, string>();
  let demo = false;
  let offersTime = true;
  let serial = 0;
  let dead = false;

  const emit = (name: Events, payload: unknown) => {
    for (const page of pages.values()) page.emit(name, payload as never);
  };
  const work = new FakeJobs(stepMs, (job) => emit('job', job));
  const configurations = new FakeConfigurations(work);
  const setDevice = (device: DeviceRecord) => {
    devices.set(device.id, device);
    emit('device', device);
  };
  const need = (id: string): DeviceRecord => {
    const device = devices.get(id);
    if (!device) throw new MusterError('DEVICE_UNKNOWN', `there is no device ${id}`, { device: id });
    return device;
  };
  const administrations = new Map<string, FakeAdministration>();
  function administration(device: string): FakeAdministration {
    let found = administrations.get(device);
    if (!found) administrations.set(device, (found = { mode: 'normal', takenOut: new Set() }));
    return found;
  }
  function addChannels(device: string): void {
    for (const channel of fakeChannels(device, channels.size + 1, Date.now())) {
      channels.set(channel.id, channel);
      emit('channel', channel);
    }
  }
  function rename(from: string, to: string): void {
    const device = need(from);
    devices.delete(from);
    devices.set(to, { ...device, id: to });
    emit('deviceRenamed', { from, to });
  }
  for (const device of devices.values()) if (device.newest !== null) addChannels(device.id);

  const tick = (ms = stepMs) => new Promise((resolve) => setTimeout(resolve, ms));

  function chosen(input: { devices: string[]; channels: number[]; from: number | null; to: number | null }) {
    const now = Date.now();
    const taken = [...channels.values()].filter(
      ({ id, device }) =>
        (input.devices.length === 0 || input.devices.includes(device)) &&
        (input.channels.length === 0 || input.channels.includes(id)),
    );
    const from = Math.max(input.from ?? 0, now - 26 * 3_600_000);
    const to = Math.min(input.to ?? now, now);
    const rows = taken.reduce(
      (sum, channel) => sum + Math.max(0, Math.floor((to - from) / channel.periodMs)),
      0,
    );
    return { taken, from, to, rows };
  }

  const cut = () => {
    for (const pipe of pages.keys()) pipe.close();
  };

  const firmware = createFakeCampaigns({
    stepMs,
    device: need,
    emit: (campaign) => emit('campaign', campaign),
  });
  const handlers: Handlers<EngineContract> = {
    ...firmware.handlers,
    ...fakeNerves({ need, setDevice }),
    ...fakeOutputs(Date.now),
    ...configurations.handlers(),
    ...fakeScan(),
    ...fakeUninstall({ work, need, setDevice }),
    ...fakePublishers(),
    'engine.info': () => ({
      version: VERSION,
      site: 'Nordfeld farm',
      sitePath: '/home/tech/.local/share/muster/site',
      platform: 'linux x64',
      protocol: 1,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      person: 'kim@laptop',
      offersTime,
      archiveSetAside: options.archiveSetAside ?? null,
    }),
    'engine.offerTime'({ offer }) {
      offersTime = offer;
      return {};
    },
    'fleet.snapshot': () => ({ devices: [...devices.values()] }),
    async 'fleet.addAddress'({ host, port }) {
      await tick();
      if (host.startsWith('nowhere'))
        throw new MusterError('HOST_UNKNOWN', `${host} does not resolve`, { host });
      if (port === 23) throw new MusterError('PORT_CLOSED', `${host}:${port}: ECONNREFUSED`, { host, port });
      const id = `typed-${++serial}`;
      const now = Date.now();
      setDevice(
        bareDevice(id, host, now, {
          addresses: [{ host, port, via: 'typed', interface: null, lastSeen: now }],
        }),
      );
      return { device: id };
    },
    'fleet.forget'({ device }) {
      devices.delete(device);
      emit('deviceGone', { id: device });
      return {};
    },
    'fleet.refresh': () => ({}),
    'discovery.status': () => ({
      interfaces: [
        { name: 'eth0', address: '10.0.0.2', searching: true, note: null },
        { name: 'wlan0', address: '192.168.4.2', searching: true, note: null },
        {
          name: 'tun0',
          address: '10.8.0.6',
          searching: false,
          note: 'a VPN: devices are not announced through it',
        },
      ],
      advice:
        'No device has announced itself on eth0 or wlan0. If one is connected, it may still be starting (a minute), or the network keeps its guests apart: enter its address instead.',
    }),
    async 'install.inspect'({ device: id, login, trust }) {
      await tick(stepMs * 2);
      const device = need(id);
      if (asksForKey(device, login, trust)) return { step: 'confirm-key', fingerprint: FINGERPRINT };
      const session = `session-${++serial}`;
      sessions.set(session, id);
      return {
        step: 'ready',
        session,
        fingerprint: FINGERPRINT,
        facts: {
          hostname: device.name,
          model: 'Raspberry Pi 4 Model B Rev 1.5',
          system: 'Debian GNU/Linux 12 (bookworm)',
          arch: 'arm64',
          kernel: '6.12.47',
          user: login.user,
          init: 'systemd',
          privileged: 'sudo-password',
          freeBytes: 24_700_000_000,
          installedVersion: null,
          avahi: true,
          i2c: true,
        },
        plan: {
          steps: PLAN.map(({ id, title, detail }) => ({ id, title, detail })),
          uploadBytes: UPLOAD_BYTES,
          needsSudoPassword: true,
          changes: true,
        },
      };
    },
    // no screen of the page asks this
    'install.start'({ session, sudoPassword }) {
      const id = sessions.get(session);
      if (!id) throw new MusterError('SESSION_UNKNOWN', `there is no session ${session}`);
      if (sudoPassword !== FAKE_PASSWORD)
        throw new MusterError('SUDO_PASSWORD_WRONG', 'sudo refused', { user: 'pi' });
      const { name } = need(id);
      const steps = PLAN.map((step) => waitingStep(step.id, step.title, step.detail, step.bytes));
      const job = work.start('install', `Installing on ${name}`, id, steps, () => {
        const lasting = id.startsWith('installed-') ? id : `installed-${id}`;
        if (lasting !== id) rename(id, lasting);
        setDevice(installedDevice(need(lasting), Date.now()));
        addChannels(lasting);
        return { device: lasting };
      });
      return { job };
    },
    'trust.replace'({ device: id, sha256 }) {
      const device = need(id);
      setDevice({
        ...device,
        hostKey: { ...FINGERPRINT, sha256, trustedAt: Date.now() },
        link: { ...device.link, state: 'off', error: null },
      });
      return {};
    },
    'jobs.snapshot': () => ({ jobs: [...work.jobs.values()] }),
    'jobs.cancel'({ job }) {
      work.cancel(job);
      return {};
    },
    'device.status': ({ device }) => fakeStatus(need(device), administration(device)),
    'device.tree': ({ device }) => ({ rows: fakeTree(need(device), administration(device)) }),
    'device.restartBranch'({ device, path }) {
      if (!path.includes('/')) throw new MusterError('REFUSED', path, { reason: 'this is the whole daemon' });
      setDevice({ ...need(device), sensors: { ok: 6, total: 6 } });
      return {};
    },
    'device.takeOut'({ device, sensor }) {
      administration(device).takenOut.add(sensor);
      return {};
    },
    'device.putBack'({ device, sensor }) {
      administration(device).takenOut.delete(sensor);
      return {};
    },
    'device.leaveSafeMode'({ device }) {
      administration(device).mode = 'normal';
      return {};
    },
    'device.clock'({ device }) {
      const believed = { offsetMs: Date.now() - 3_600_000, clock: need(device).clock ?? ('none' as const) };
      return { run: 1, monotonicMs: 3_600_000, believed, observations: [], events: [] };
    },
    'device.setClock'({ device }) {
      setDevice({ ...need(device), clock: 'laptop', clockSetAt: Date.now() });
      emit('corrected', { device });
      return { verdict: 'taken', clock: 'laptop', offsetMs: Date.now() - 3_600_000, movedMs: 0 };
    },
    'channels.list': ({ device }) => ({
      channels: [...channels.values()].filter((channel) => device === null || channel.device === device),
    }),
    'series.query'({ channels: ids, from, to, pixels }) {
      const now = Date.now();
      const found = ids.flatMap((id) => channels.get(id) ?? []);
      return {
        series: found.map((channel) => fakeSeries(channel, from, to, pixels, now)),
        gaps: found.map((channel) => fakeGap(channel, now)),
      };
    },
    async 'series.pull'({ device, after, waitMs }) {
      const own = [...channels.values()].filter((channel) => channel.device === device);
      const second = () => Math.floor(Date.now() / 1000);
      const since = after ?? second();
      await tick(Math.min(waitMs, Math.max(0, (since + 1) * 1000 - Date.now())));
      return fakePull(own, since, Math.max(since, second()));
    },
    'export.preview'(input) {
      const { taken, from, to, rows } = chosen(input);
      const at = new Date(from).toISOString();
      return {
        rows,
        bytes: rows * 96,
        from: rows > 0 ? from : null,
        to: rows > 0 ? to : null,
        lines: [
          'time_utc,time_local,epoch_ms,device,sensor,channel,unit,value,quality',
          ...taken
            .slice(0, 3)
            .map(
              (channel) =>
                `${at},${at.slice(0, 19)}+00:00,${from},${devices.get(channel.device)?.name},${channel.sensorName},${channel.channel},${channel.unit},${channel.last?.value.toFixed(channel.decimals)},ok`,
            ),
        ],
        suggestedPath: '/home/tech/Documents/nordfeld-2026-05-03.csv',
      };
    },
    'export.start'(input) {
      if (input.out.startsWith('/root/'))
        throw new MusterError('EXPORT_PATH_UNWRITABLE', `EACCES: ${input.out}`, {
          path: input.out,
          reason: 'not permitted',
        });
      const { rows } = chosen(input);
      const steps = [waitingStep('write', 'Write the readings', input.out, rows)];
      return {
        job: work.start('export', 'Saving CSV', null, steps, () => ({
          path: input.out,
          rows,
          bytes: rows * 96,
        })),
      };
    },
    'demo.status': () => ({
      running: demo,
      devices: demo ? 3 : 0,
      login: demo ? { user: 'pi', password: FAKE_PASSWORD } : null,
    }),
    'demo.start'({ devices: count }) {
      demo = true;
      for (let i = 1; i <= count; i++)
        setDevice(
          bareDevice(`demo-${i}`, `greenhouse-${i}`, Date.now(), {
            demo: true,
            model: 'Raspberry Pi 4 Model B Rev 1.5',
          }),
        );
      return {};
    },
    'demo.stop'() {
      demo = false;
      return {};
    },
  };

  return {
    devices,
    jobs: work.jobs,
    firmware,
    handlers,
    setDevice,
    rename,
    enterSafeMode(id) {
      administration(id).mode = 'safe';
    },
    configuration: (id) => configurations.of(id),
    setJournal(id, journal) {
      administration(id).journal = journal;
    },
    remove(id) {
      devices.delete(id);
      emit('deviceGone', { id });
    },
    serve(pipe) {
      if (dead) return pipe.close();
      pages.set(
        pipe,
        servePeer(pipe, engineContract, handlers, () => pages.delete(pipe)),
      );
    },
    cut,
    die() {
      dead = true;
      cut();
    },
    live() {
      dead = false;
    },
  };
}
