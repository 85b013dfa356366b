/**
 * A customer's network never sees the demo fleet. Two network namespaces joined by a cable: in one a laptop runs
 * the demo, in the other the customer's network listens and asks.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { cable, createNetns, removeNetns, type Netns } from '../support/netns.ts';
import { startDemoProgram } from './demo-program.ts';
import { until } from '../support/until.ts';

/** Prints each service that is heard on one address; sends what the second argument says, twice a second. */
const ENDPOINT = `
  const [address, say] = process.argv.slice(1);
  const mdns = require('multicast-dns')({ interface: address, bind: '0.0.0.0' });
  mdns.on('response', (packet) => {
    for (const record of [...packet.answers, ...packet.additionals])
      if (record.type === 'SRV') console.log(record.name);
  });
  const ask = () => mdns.query([{ name: '_ssh._tcp.local', type: 'PTR' }]);
  const control = () => mdns.respond([{ name: 'control', type: 'SRV', data: { port: 1, target: 'x.local' } }]);
  mdns.on('ready', () => {
    console.log('ready');
    if (say) setInterval(say === 'ask' ? ask : control, 500);
  });
`;

describe.skipIf(!need('netns'))('the demo fleet beside a customer’s network', () => {
  let dir: string;
  let laptop: Netns;
  let customer: Netns;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'mlo-'));
    laptop = createNetns('laptop');
    customer = createNetns('customer');
    // IPv6 talks as soon as a cable is there; here only what the demo says is to be counted.
    const quiet = 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6';
    for (const { name } of [laptop, customer]) execFileSync('ip', ['netns', 'exec', name, 'sh', '-c', quiet]);
    cable(laptop, ['v0', '10.9.8.1/24'], customer, ['v1', '10.9.8.2/24']);
    laptop.ip('route', 'add', 'default', 'via', '10.9.8.2');
  });
  afterAll(async () => {
    await removeNetns();
    rmSync(dir, { recursive: true, force: true });
  });

  const startDemo = () =>
    startDemoProgram(['--devices', '2', '--dir', join(dir, 'fleet')], ['ip', 'netns', 'exec', laptop.name]);

  async function endpoint(at: Netns, address: string, say?: 'ask' | 'control'): Promise<string[]> {
    const child = at.spawn(process.execPath, ['-e', ENDPOINT, address, ...(say ? [say] : [])]);
    const heard: string[] = [];
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => heard.push(line));
    await until(() => heard.includes('ready'), 'the endpoint listens');
    return heard;
  }

  it('sends not one packet into the network: not announcing, not answering, not leaving', async () => {
    const sent = () => {
      const [link] = JSON.parse(laptop.ip('-s', '-j', 'link', 'show', 'v0')) as [Link];
      return link.stats64.tx.packets;
    };
    const local = await endpoint(laptop, '127.0.0.1', 'ask');
    const before = sent();
    const demo = await startDemo();
    for (const { name } of demo.ready.devices)
      await until(() => local.includes(`${name}._ssh._tcp.local`), `${name} is heard on loopback`);
    const answers = local.length;
    await until(() => local.length > answers + 4, 'questions are answered');
    await demo.hangUp();
    expect(sent()).toBe(before);
  });

  it('answers a question from the network on loopback only', async () => {
    // Linux hands every multicast packet to all sockets once one of them has joined: the demo hears the network.
    await endpoint(laptop, '10.9.8.1');
    const local = await endpoint(laptop, '127.0.0.1');
    const demo = await startDemo();
    const services = demo.ready.devices.map(({ name }) => `${name}._ssh._tcp.local`);
    await until(() => services.every((service) => local.includes(service)), 'announced');
    // The second announcement comes a second after the first; what is heard after it is an answer.
    await until(() => local.filter((name) => name === services[1]).length >= 2, 'announced twice');
    local.length = 0;
    const outside = await endpoint(customer, '10.9.8.2', 'ask');
    await until(() => services.every((name) => local.includes(name)), 'the answer is heard on loopback');
    await endpoint(laptop, '10.9.8.1', 'control');
    await until(() => outside.filter((name) => name === 'control').length > 2, 'the network hears others');
    await demo.hangUp();
    expect(new Set(outside)).toEqual(new Set(['ready', 'control']));
  });
});

/** The part of iproute2's JSON that is read here. */
interface Link {
  stats64: { tx: { packets: number } };
}
