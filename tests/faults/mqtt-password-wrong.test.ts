/** A broker refuses the password, or its file is readable by others: told apart, in words, and mended without a restart. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { hearingDaemon, type HearingDaemon } from '../support/mqtt-device.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

describe.skipIf(!need('mosquitto'))('a broker with passwords', () => {
  let broker: Mosquitto | undefined;
  let daemon: HearingDaemon | undefined;
  afterEach(async () => {
    await daemon?.remove();
    await broker?.remove();
  });

  it('says what is wrong and lets in who mends it', async () => {
    broker = await startMosquitto({ users: { station: 'open-sesame' } });
    daemon = await hearingDaemon(
      { broker: broker.url, user: 'station', passwordFile: 'house.password' },
      [{ id: 'attic', driver: 'zigbee2mqtt', options: { device: 'attic', measures: ['temperature'] } }],
      { 'house.password': { text: 'shut-barley\n', mode: 0o644 } },
    );
    const here = daemon;
    const words = async (): Promise<string> => (await here.state('attic'))?.lastError ?? '';
    await until(async () => (await words()).includes('can be read by others'), 'the open file', 60_000);
    const file = join(here.folder, 'house.password');
    chmodSync(file, 0o600);
    await until(async () => (await words()).includes('does not let us in'), 'the refusal', 60_000);
    expect(await words()).toContain(broker.url);
    writeFileSync(file, 'open-sesame\n');
    await until(async () => (await here.state('attic'))?.state === 'ok', 'being let in', 60_000);
    expect(here.said()).not.toMatch(/barley|sesame/);
  }, 180_000);
});
