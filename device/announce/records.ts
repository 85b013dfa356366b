/** The mDNS records of a daemon (RFC 6762, RFC 6763). Pure: who asks and how they are sent is the announcer's. */

/** What is announced. */
export interface Announcement {
  /** What a person reads in a list of services. */
  instance: string;
  /** Host name without a domain. */
  host: string;
  /** Port of the SSH server. */
  port: number;
  txt: Record<string, string>;
}

export type MdnsRecord =
  | { name: string; type: 'PTR'; ttl: number; data: string }
  | { name: string; type: 'SRV'; ttl: number; flush: boolean; data: { target: string; port: number } }
  | { name: string; type: 'TXT'; ttl: number; flush: boolean; data: string[] }
  | { name: string; type: 'A'; ttl: number; data: string };

export const SERVICE = '_muster._tcp.local';
const META = '_services._dns-sd._udp.local';
/** Seconds; RFC 6762 section 10: 120 for what names a host, 4500 else. */
const TTL_HOST = 120;
const TTL_OTHER = 4500;
/** Longest DNS label, bytes (RFC 1035 section 2.3.4). */
const MAX_LABEL = 63;

/** `text` as one DNS label: a dot would cut it in two, control characters help nobody. At most 63 bytes. */
export function label(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  let out = text.replaceAll(/[.\u0000-\u001f\u007f]/g, '-');
  while (new TextEncoder().encode(out).length > MAX_LABEL) out = out.slice(0, -1);
  return out || 'muster';
}

/** `text` as a host name's label: letters, digits, dashes. */
export function hostLabel(text: string): string {
  return label(text.replaceAll(/[^A-Za-z0-9-]/g, '-').replaceAll(/^-+|-+$/g, ''));
}

/** The instance's full name. */
export function instanceName({ instance }: Announcement): string {
  return `${label(instance)}.${SERVICE}`;
}

/** All records for one interface with this address. `ttl` 0 is a goodbye (RFC 6762 section 10.1). */
export function records(announcement: Announcement, address: string, goodbye = false): MdnsRecord[] {
  const name = instanceName(announcement);
  const target = `${hostLabel(announcement.host)}.local`;
  const ttl = (seconds: number) => (goodbye ? 0 : seconds);
  const txt = Object.entries(announcement.txt).map(([key, value]) => `${key}=${value}`);
  return [
    { name: SERVICE, type: 'PTR', ttl: ttl(TTL_OTHER), data: name },
    { name: META, type: 'PTR', ttl: ttl(TTL_OTHER), data: SERVICE },
    { name, type: 'SRV', ttl: ttl(TTL_HOST), flush: true, data: { target, port: announcement.port } },
    { name, type: 'TXT', ttl: ttl(TTL_OTHER), flush: true, data: txt },
    { name: target, type: 'A', ttl: ttl(TTL_HOST), data: address },
  ];
}

/** Which of `all` answer a question, and which go along because they will be asked for next. */
export function answersTo(
  question: { name: string; type: string },
  all: readonly MdnsRecord[],
): { answers: MdnsRecord[]; additionals: MdnsRecord[] } {
  const asked = question.name.toLowerCase();
  const answers = all.filter(
    ({ name, type }) => name.toLowerCase() === asked && (question.type === 'ANY' || question.type === type),
  );
  const wanted = answers.some(({ type }) => type === 'PTR') || answers.some(({ type }) => type === 'SRV');
  const additionals = wanted ? all.filter((row) => row.name !== META && !answers.includes(row)) : [];
  return { answers, additionals };
}

/** The name to go on with after `name` was found taken: `pi` → `pi (2)` → `pi (3)`. */
export function nextName(name: string): string {
  const [, base = name, n = '1'] = /^(.*?)(?: \((\d{1,3})\))?$/.exec(name) ?? [];
  return `${base} (${Number(n) + 1})`;
}
