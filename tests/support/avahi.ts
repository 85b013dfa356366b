/** Debian's avahi-daemon inside a network namespace, with service files of its own. Gate with `need('avahi', 'netns')`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, type Netns } from './netns.ts';

export interface AvahiService {
  name: string;
  /** `_ssh._tcp` */
  type: string;
  port: number;
  txt?: string[];
}

export interface Avahi {
  /** Replaces a service file and has it read again. */
  set(file: string, services: AvahiService[]): void;
  /** Removes a service file: its services are taken back. */
  unset(file: string): void;
  /** Ends the daemon; it says goodbye for all its services. */
  stop(): Promise<void>;
}

/** Starts the daemon and waits until it answers. `dir` is an empty folder of the test's own. */
export async function startAvahi(
  ns: Netns,
  dir: string,
  host: string,
  options: { workstation?: boolean } = {},
): Promise<Avahi> {
  const services = join(dir, 'services');
  const run = join(dir, 'run');
  for (const folder of [services, run]) mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(dir, 'avahi.conf'),
    `[server]
host-name=${host}
enable-dbus=no
[publish]
publish-hinfo=no
publish-workstation=${options.workstation ? 'yes' : 'no'}
`,
  );
  // Both paths are compiled in; `ip netns exec` gives a mount namespace of its own, so these mounts stay inside.
  const script = `mkdir -p /run/avahi-daemon && mount --bind "$1/services" /etc/avahi/services &&
    mount --bind "$1/run" /run/avahi-daemon &&
    exec /usr/sbin/avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$1/avahi.conf"`;
  const daemon = ns.spawn('sh', ['-c', script, 'avahi', dir]);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    daemon.stderr!.on('data', (text) => {
      said += String(text);
      if (said.includes('Server startup complete')) resolve();
    });
    daemon.once('exit', () => reject(new Error(`avahi-daemon did not start:\n${said}`)));
  });
  return {
    set(file, list) {
      writeFileSync(join(services, `${file}.service`), xml(list));
      daemon.kill('SIGHUP');
    },
    unset(file) {
      rmSync(join(services, `${file}.service`));
      daemon.kill('SIGHUP');
    },
    stop: () => end(daemon),
  };
}

function xml(services: AvahiService[]): string {
  const groups = services.map(
    ({ name, type, port, txt = [] }) =>
      `<service-group><name>${name}</name><service><type>${type}</type><port>${port}</port>${txt
        .map((record) => `<txt-record>${record}</txt-record>`)
        .join('')}</service></service-group>`,
  );
  return `<?xml version="1.0" standalone='no'?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">${groups.join('')}`;
}
