/** The DNS records by which a virtual device says what it offers (RFC 6763), and which of them answer a question. */

/** A device as the network sees it. */
export interface Announced {
  /** Host and instance name, one label. */
  name: string;
  /** Port of its SSH server. */
  port: number;
  /** Hardware address, `b8:27:eb:…`, part of its workstation name. */
  hardware: string;
}

/** A record in the shape multicast-dns sends. `flush`: the record is this host's alone (RFC 6762 section 10.2). */
export type ServiceRecord = { name: string; ttl: number; flush: boolean } & (
  | { type: 'PTR'; data: string }
  | { type: 'TXT'; data: Buffer }
  | { type: 'A'; data: string }
  | { type: 'SRV'; data: { priority: number; weight: number; port: number; target: string } }
);

/** Times to live that RFC 6762 section 10 asks for, seconds: records with a host name in them, and others. */
const HOST_TTL = 120;
const OTHER_TTL = 4500;
/** Port of a service that has none, as avahi announces a workstation: discard. */
const DISCARD = 9;

/** All records of a device, at their full times to live. */
export function recordsOf({ name, port, hardware }: Announced): ServiceRecord[] {
  const host = `${name}.local`;
  const services = [
    { type: '_ssh._tcp.local', instance: name, port },
    { type: '_sftp-ssh._tcp.local', instance: name, port },
    { type: '_workstation._tcp.local', instance: `${name} [${hardware}]`, port: DISCARD },
  ];
  return [
    { name: host, type: 'A', data: '127.0.0.1', ttl: HOST_TTL, flush: true },
    ...services.flatMap(({ type, instance, port }): ServiceRecord[] => {
      const full = `${instance}.${type}`;
      return [
        { name: '_services._dns-sd._udp.local', type: 'PTR', data: type, ttl: OTHER_TTL, flush: false },
        { name: type, type: 'PTR', data: full, ttl: OTHER_TTL, flush: false },
        {
          name: full,
          type: 'SRV',
          data: { priority: 0, weight: 0, port, target: host },
          ttl: HOST_TTL,
          flush: true,
        },
        { name: full, type: 'TXT', data: Buffer.alloc(0), ttl: OTHER_TTL, flush: true },
      ];
    }),
  ];
}

/** The records that answer any of the questions, and those whoever asks will want next (RFC 6763 section 12). */
export function answersTo(
  records: readonly ServiceRecord[],
  questions: readonly { name: string; type: string }[],
): { answers: ServiceRecord[]; additionals: ServiceRecord[] } {
  const answers = records.filter((record) =>
    questions.some(
      ({ name, type }) =>
        name.toLowerCase() === record.name.toLowerCase() && (type === 'ANY' || type === record.type),
    ),
  );
  const instances = new Set(answers.flatMap((record) => (record.type === 'PTR' ? [record.data] : [])));
  const details = records.filter((record) => instances.has(record.name));
  const located = [...answers, ...details].some(({ type }) => type === 'SRV');
  const wanted = [...details, ...records.filter(({ type }) => located && type === 'A')];
  return {
    answers,
    additionals: wanted.filter((record) => record.type !== 'PTR' && !answers.includes(record)),
  };
}

/** The goodbye of records (RFC 6762 section 10.1). The list of service types stays: others offer them too. */
export function goodbyeOf(records: readonly ServiceRecord[]): ServiceRecord[] {
  const own = records.filter((record) => record.name !== '_services._dns-sd._udp.local');
  return own.map((record) => Object.assign({}, record, { ttl: 0 }));
}
