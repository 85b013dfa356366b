/** What `meta.conf` says: what the firmware is, its parts with their hashes, and what its tasks demand and do. Pure. */
import { printable } from '../discovery/printable.ts';
import { Blake2b } from './blake2b.ts';
import { parseConfuse, type Section } from './confuse.ts';

/** A part of the firmware. `path`: its name in the archive. */
export interface Resource {
  path: string;
  /** Bytes of its data; holes of a sparse file are not among them. */
  bytes: number;
  hash: { algorithm: 'blake2b-256' | 'sha256'; hex: string };
}

/** A task of the kind `upgrade…`: fwup carries out the first whose requirements all hold. */
export interface UpgradeTask {
  name: string;
  /** Each as its name and arguments, `['require-uboot-variable', 'uboot-env', 'a.nerves_fw_platform', 'rpi4']`. */
  requirements: string[][];
  /** What it does at the beginning, for each part and at the end, in the same form. */
  actions: string[][];
}

export interface Metadata {
  /** `meta-product`, `meta-version` … without the `meta-`, fit for a screen. */
  meta: Record<string, string>;
  /** As the device tells it once it runs the firmware (`nerves_fw_uuid`). */
  uuid: string;
  resources: Resource[];
  /** In the order of the file. */
  upgrades: UpgradeTask[];
  /** Size of the medium that its partition tables want, in blocks of 512 bytes; 0 when there are none. */
  mediaBlocks: number;
}

const MAX_TEXT = 200;
/** fwup's `FWUP_META_UUID` namespace, 2053dffb-d51e-4310-b93b-956da89f9f34. */
const NAMESPACE = Buffer.from('2053dffbd51e4310b93b956da89f9f34', 'hex');

/** The metadata, or in words what is wrong with them. */
export function readMetadata(bytes: Uint8Array): Metadata | { fault: string } {
  const root = parseConfuse(Buffer.from(bytes).toString('utf8'));
  if (root === null) return { fault: 'its description (meta.conf) cannot be read' };
  const meta: Record<string, string> = {};
  for (const [name, value] of root.values)
    if (name.startsWith('meta-')) meta[name.slice(5)] = printable(value.at(-1) ?? '', MAX_TEXT);
  for (const needed of ['product', 'version', 'platform', 'architecture'])
    if (!meta[needed]) return { fault: `its description names no ${needed}` };
  const resources: Resource[] = [];
  for (const { title, body } of root.sections.filter(({ name }) => name === 'file-resource')) {
    const resource = resourceOf(title ?? '', body);
    if ('fault' in resource) return resource;
    resources.push(resource);
  }
  const upgrades = root.sections
    .filter(({ name, title }) => name === 'task' && title?.startsWith('upgrade'))
    .map(({ title, body }) => ({
      name: title!,
      requirements: calls(body.values.get('reqlist') ?? []),
      actions: [body, ...body.sections.map((event) => event.body)].flatMap(({ values }) =>
        calls(values.get('funlist') ?? []),
      ),
    }));
  if (upgrades.length === 0) return { fault: 'it can only be written to a card, not sent to a device' };
  return { meta, uuid: metaUuid(bytes), resources, upgrades, mediaBlocks: mediaBlocks(root) };
}

/** The UUID that fwup computes of a firmware: version 5 in form, with BLAKE2b-256 as its hash. */
export function metaUuid(metaConf: Uint8Array): string {
  const hash = Buffer.from(new Blake2b(32).update(NAMESPACE).update(metaConf).digest().subarray(0, 16));
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function resourceOf(title: string, { values }: Section): Resource | { fault: string } {
  const path = title.startsWith('/') ? title.slice(1) : `data/${title}`;
  // a sparse file has a list: data, hole, data, …
  const lengths = (values.get('length') ?? []).map(Number);
  const bytes = lengths.filter((_, i) => i % 2 === 0).reduce((sum, length) => sum + length, 0);
  const name = printable(title, 60);
  if (lengths.length === 0 || !lengths.every((length) => Number.isSafeInteger(length) && length >= 0))
    return { fault: `its description gives no length of ${name}` };
  for (const algorithm of ['blake2b-256', 'sha256'] as const) {
    const hex = values.get(algorithm)?.at(-1)?.toLowerCase();
    if (hex !== undefined && /^[0-9a-f]{64}$/.test(hex)) return { path, bytes, hash: { algorithm, hex } };
  }
  return { fault: `its description gives no hash of ${name}` };
}

/** fwup's flat lists: the number of words of a call, its name, its arguments, and again. */
function calls(words: string[]): string[][] {
  const out: string[][] = [];
  for (let at = 0; at < words.length;) {
    const count = Number(words[at]);
    if (!Number.isInteger(count) || count < 1 || at + count >= words.length) break;
    out.push(words.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return out;
}

function mediaBlocks(root: Section): number {
  let end = 0;
  const tables = root.sections.filter(({ name }) => name === 'mbr' || name === 'gpt');
  for (const { values } of tables.flatMap(({ body }) => body.sections.map((partition) => partition.body))) {
    const offset = Number(values.get('block-offset')?.[0] ?? 0);
    // a partition that takes what is left needs none of the size it is given
    const grows = values.get('expand')?.[0] === 'true';
    const count = grows ? 0 : Number(values.get('block-count')?.[0] ?? 0);
    if (Number.isSafeInteger(offset + count)) end = Math.max(end, offset + count);
  }
  return end;
}
