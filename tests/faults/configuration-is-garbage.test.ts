import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseConfig } from '../../device/config.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { TestPrefix } from '../support/daemon-process.ts';

/** What parsing answers: nothing when it takes the text, else the error. */
function problemOf(text: string): unknown {
  try {
    parseConfig(text);
    return null;
  } catch (error) {
    return error;
  }
}

describe('a configuration that is garbage', () => {
  it('is refused by name whatever its bytes are', () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((raw) => Buffer.from(raw).toString('utf8'));
    const almost = fc
      .tuple(fc.string(), fc.nat(60))
      .map(([noise, at]) => 'version: 1\nbuses: []\nsensors: [{id: a, driver: load}]\n'.slice(0, at) + noise);
    fc.assert(
      fc.property(fc.oneof(bytes, fc.json(), almost), (text) => {
        const problem = problemOf(text);
        if (problem === null) return;
        expect(problem).toBeInstanceOf(MusterError);
        expect(problem).toMatchObject({ code: 'CONFIG_INVALID' });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['no text at all', randomBytes(4096)],
    ['cut in the middle of a value', Buffer.from('version: 1\nbuses:\n  - {id: i2c-1, kind: "si')],
    ['a billion laughs', Buffer.from(`a: &a [x,x]\nb: &b [${'*a,'.repeat(200)}]\nc: [${'*b,'.repeat(200)}]`)],
    ['of another kind', Buffer.from('version: 7\nsensors: nine\n')],
  ])('leaves the daemon running with what the machine offers: %s', async (_what, text) => {
    const prefix = new TestPrefix();
    onTestFinished(() => prefix.remove());
    prefix.config('');
    writeFileSync(join(prefix.state, 'config.yaml'), text);
    await prefix.run();
    const daemon = await prefix.connect();
    onTestFinished(() => daemon.close());
    await vi.waitFor(
      async () => {
        const { sensors } = await daemon.call.status({});
        const told = sensors.find(({ sensor }) => sensor === 'configuration');
        expect(told).toMatchObject({ state: 'failing' });
        expect(told?.lastError).toMatch(/./);
        expect(sensors.some(({ state }) => state === 'ok')).toBe(true);
      },
      { timeout: 10_000 },
    );
    const { batches } = await daemon.call.pull({ after: null, maxBytes: 1000, waitMs: 10_000 });
    expect(batches.length).toBeGreaterThan(0);
  });
});
