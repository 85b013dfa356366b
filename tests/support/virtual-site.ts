/** An engine with its own signing key over virtual devices that are installed; they prove firmware in seconds. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../src/core/engine.ts';
import { buildBundle } from '../../src/core/firmware/build-bundle.ts';
import { contentOf } from '../../src/core/firmware/bundle-content.ts';
import { openKeyring } from '../../src/core/firmware/keyring.ts';
import { RUNTIME_VERSION } from '../../src/core/install/runtime-pin.ts';
import type { Programs } from '../../src/core/programs.ts';
import { bundleDaemon } from '../../src/build/daemon.ts';
import { realClock } from '../../src/core/real-clock.ts';
import type { Campaign } from '../../src/shared/campaign.ts';
import { CONFIG_VERSION, DAEMON_PATH } from '../../src/shared/firmware.ts';
import { errorFromWire } from '../../src/shared/errors.ts';
import { noLog } from '../../src/shared/log.ts';
import { newHome } from './run-muster.ts';
import { until } from './until.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

export class VirtualSite {
  readonly home = newHome();
  readonly dir = mkdtempSync(join(tmpdir(), 'mvs-'));
  readonly places = {
    site: join(this.home.folder, 'site'),
    config: join(this.home.folder, 'config'),
    cache: join(this.home.env['XDG_CACHE_HOME'] ?? this.home.folder, 'muster'),
  };
  engine!: Engine;
  #programs!: Programs;
  /** Ids of the installed devices. */
  devices: string[] = [];

  static async open(count: number): Promise<VirtualSite> {
    const site = new VirtualSite();
    await openKeyring(site.places.config).ensureOwn('workshop');
    const sources = [join(ROOT, 'src/demo/main.ts'), '--dir', site.dir];
    site.#programs = {
      daemon: await bundleDaemon(join(site.home.folder, 'daemon')),
      renderer: join(ROOT, 'dist/renderer'),
      assets: join(ROOT, 'assets'),
      demo: { command: process.execPath, args: sources },
    };
    site.engine = await site.another();
    await site.engine.handlers['demo.start']({ devices: count });
    for (const id of await site.#found(count)) site.devices.push(await site.#install(id));
    return site;
  }

  /** What the command line runs in to be this laptop: its own key is what the devices know. Once a site. */
  laptop(): NodeJS.ProcessEnv {
    const xdg = join(this.home.folder, 'xdg');
    mkdirSync(xdg);
    symlinkSync(this.places.config, join(xdg, 'muster'));
    return { ...this.home.env, XDG_CONFIG_HOME: xdg, MUSTER_SITE: this.places.site };
  }

  /** Another engine on the same site. */
  another(): Promise<Engine> {
    const { places } = this;
    const alike = { clock: realClock, log: noLog, watch: true, agent: undefined };
    return createEngine({ places, programs: this.#programs, ...alike });
  }

  /** A bundle of the built daemon, signed by this laptop's key. `before`: what its process does ahead of all else. */
  async bundle(version: string, before = ''): Promise<string> {
    const keyring = openKeyring(this.places.config);
    const [key] = await keyring.ensureOwn('workshop');
    const text = readFileSync(this.#programs.daemon.path, 'utf8');
    const daemon = `import { isMainThread } from 'node:worker_threads';
if (isMainThread && process.argv[2] === 'run') { ${before} }
// ${version}
${text}`;
    const content = contentOf(Buffer.from(daemon));
    const path = join(this.home.folder, `orchard-${version}.muster`);
    const target = { runtime: RUNTIME_VERSION, carriesRuntime: false };
    await buildBundle(path, {
      product: 'muster',
      version,
      configVersion: CONFIG_VERSION,
      targets: [
        { arch: 'x64', ...target },
        { arch: 'arm64', ...target },
      ],
      files: [{ path: DAEMON_PATH, executable: false, arch: null, content }],
      sign: async (manifest) => [await keyring.sign(key!.id, manifest)],
    });
    return path;
  }

  async push(path: string, order: { maxFailures?: number; devices?: string[] } = {}): Promise<string> {
    const input = { paths: [path], devices: this.devices, canary: 1, cap: 8, maxFailures: 1, ...order };
    return (await this.engine.handlers['campaign.start'](input)).campaign;
  }

  async campaign(id: string): Promise<Campaign> {
    const { campaigns } = await this.engine.handlers['campaigns.snapshot']({});
    return campaigns.find((one) => one.id === id)!;
  }

  async ended(id: string, ms = 90_000): Promise<Campaign> {
    await until(async () => (await this.campaign(id)).endedAt !== null, 'the end of the push', ms);
    return this.campaign(id);
  }

  async close(): Promise<void> {
    await this.engine.close();
    this.home.remove();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #found(count: number): Promise<string[]> {
    const seen = async () =>
      (await this.engine.handlers['fleet.snapshot']({})).devices.filter(({ demo }) => demo);
    await until(async () => (await seen()).length === count, 'the devices', 30_000);
    return (await seen()).map(({ id }) => id);
  }

  async #install(device: string): Promise<string> {
    const { handlers } = this.engine;
    const { login } = await handlers['demo.status']({});
    const ask = (trust: string | null) => handlers['install.inspect']({ device, login: login!, trust });
    let found = await ask(null);
    if (found.step === 'confirm-key') found = await ask(found.fingerprint.sha256);
    if (found.step !== 'ready') throw new Error('a confirmed key was asked for again');
    const { job } = await handlers['install.start']({ session: found.session, sudoPassword: null });
    const ended = await this.engine.jobEnded(job);
    if (ended.error) throw errorFromWire(ended.error);
    await this.engine.linked(ended.device!, 60_000);
    return ended.device!;
  }
}
