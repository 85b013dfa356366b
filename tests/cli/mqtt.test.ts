/**
 * MQTT as a person meets it on the command line: an installed device (SSH and daemon are real) is given Debian's mosquitto
 * as a bus, and what a Zigbee and a Tasmota device say there comes to this laptop.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { mqttPeer, type MqttPeer } from '../support/mqtt-peer.ts';
import { need } from '../support/need.ts';
import { runMuster } from '../support/run-muster.ts';
import { until } from '../support/until.ts';
import { VirtualSite } from '../support/virtual-site.ts';

describe.skipIf(!need('mosquitto'))('MQTT from the command line', () => {
  let site: VirtualSite | null = null;
  let folder: string;
  let name: string;
  let env: NodeJS.ProcessEnv;
  let broker: Mosquitto;
  let speaker: MqttPeer;

  beforeAll(async () => {
    broker = await startMosquitto();
    speaker = await mqttPeer(broker.url);
    const opened = await VirtualSite.open(1);
    site = opened;
    folder = opened.home.folder;
    const { devices } = await opened.engine.handlers['fleet.snapshot']({});
    name = devices.find(({ id }) => id === opened.devices[0])!.name;
    env = opened.laptop();
  }, 180_000);
  afterAll(async () => {
    await site?.close();
    await speaker.end();
    await broker.remove();
  }, 60_000);

  async function muster(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runMuster(args, env);
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  }

  it('is configured, and read into the archive', { timeout: 240_000 }, async () => {
    const { text } = JSON.parse(await muster('--json', 'config', 'get', name)) as { text: string };
    const before = parse(text) as { buses: object[]; sensors: object[] };
    const measures = ['temperature', 'humidity'];
    const wanted = {
      ...before,
      buses: [...before.buses, { id: 'house', kind: 'mqtt', broker: broker.url }],
      sensors: [
        ...before.sensors,
        {
          id: 'attic',
          name: 'Attic',
          driver: 'zigbee2mqtt',
          bus: 'house',
          options: { device: 'attic', measures },
        },
        {
          id: 'stall',
          name: 'Stall',
          driver: 'tasmota',
          bus: 'house',
          options: { device: 'stall', measures },
        },
      ],
    };
    const path = join(folder, 'config.yaml');
    writeFileSync(path, JSON.stringify(wanted));
    // devices that have not spoken yet do not keep a configuration from being confirmed
    expect(await muster('config', 'apply', name, path, '--yes')).toContain('tried and confirmed');

    await speaker.publish('zigbee2mqtt/attic', '{"temperature":27.34,"humidity":44.72,"linkquality":120}');
    await speaker.publish(
      'tele/stall/SENSOR',
      '{"Time":"2026-05-03T12:00:00","AM2301":{"Temperature":12.5,"Humidity":81.5},"TempUnit":"C"}',
    );
    const out = join(folder, 'out.csv');
    let csv = '';
    await until(
      async () => {
        await muster('export', '--out', out, '--device', name);
        csv = readFileSync(out, 'utf8');
        return ['27.34', '44.72', '12.5', '81.5'].every((value) => csv.includes(`,${value},`));
      },
      () => `the readings in ${csv.slice(-2000)}`,
      60_000,
    );

    await speaker.publish('tele/stall/LWT', 'Offline', { retain: true });
    let status = '';
    await until(
      async () => {
        status = await muster('status', name);
        return status.includes('stall is offline');
      },
      () => `the device that is offline in ${status}`,
      60_000,
    );
    expect(status).toMatch(/Attic|attic/);

    await speaker.publish('zigbee2mqtt/porch', '{"temperature":8.5,"battery":80}', { retain: true });
    expect(await muster('scan', name, 'house', '--add', 'porch', '--yes')).toContain('porch');
    const after = JSON.parse(await muster('--json', 'config', 'get', name)) as { text: string };
    expect(parse(after.text)).toMatchObject({
      sensors: expect.arrayContaining([
        expect.objectContaining({
          driver: 'zigbee2mqtt',
          bus: 'house',
          options: { device: 'porch', measures: ['temperature', 'battery'] },
        }),
      ]),
    });
  });
});
