/** A publisher of made-up devices with real multicast on loopback, as the demo fleet's announcements are. */
import multicastDns from 'multicast-dns';

export interface FakeService {
  /** `_ssh._tcp` */
  type: string;
  instance: string;
  host: string;
  port: number;
  txt?: (string | Buffer)[];
  addresses?: string[];
}

export interface FakeMdns {
  /** Answers questions for these services from now on; true: announces them at once too. */
  publish(services: FakeService[], announce?: boolean): void;
  /** Takes a service back (TTL 0) and answers no more for it. */
  goodbye(service: FakeService): void;
  /** Sends records as one response. */
  respond(answers: object[]): void;
  /** Questions seen so far, `name type`. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** Starts publishing on 127.0.0.1; resolves when packets can be sent. */
export async function fakeMdns(): Promise<FakeMdns> {
  const transport = multicastDns({ interface: '127.0.0.1', bind: '0.0.0.0' });
  const published = new Set<FakeService>();
  const asked: string[] = [];
  transport.on('query', (query) => {
    const questions = query.questions ?? [];
    asked.push(...questions.map(({ name, type }) => `${name} ${type}`));
    for (const service of published)
      if (questions.some(({ name }) => name === `${service.type}.local` || name === fqdnOf(service)))
        transport.respond({ answers: recordsOf(service, 120) as never });
  });
  await new Promise<void>((resolve) => transport.once('ready', resolve));
  return {
    publish(services, announce = true) {
      for (const service of services) {
        published.add(service);
        if (announce) transport.respond({ answers: recordsOf(service, 120) as never });
      }
    },
    goodbye(service) {
      published.delete(service);
      transport.respond({ answers: recordsOf(service, 0) as never });
    },
    respond: (answers) => transport.respond({ answers: answers as never }),
    asked,
    stop: () => new Promise((resolve) => transport.destroy(resolve)),
  };
}

export function fqdnOf({ instance, type }: FakeService): string {
  return `${instance}.${type}.local`;
}

/** PTR, SRV, TXT and addresses of a service, as one answer holds them. */
export function recordsOf(service: FakeService, ttl: number): object[] {
  const fqdn = fqdnOf(service);
  return [
    { name: `${service.type}.local`, type: 'PTR', ttl, data: fqdn },
    { name: fqdn, type: 'SRV', ttl, data: { target: service.host, port: service.port } },
    { name: fqdn, type: 'TXT', ttl, data: service.txt ?? [] },
    ...(service.addresses ?? []).map((data) => ({
      name: service.host,
      type: data.includes(':') ? 'AAAA' : 'A',
      ttl,
      data,
    })),
  ];
}
