/** Answers the firmware part of the device contract. The work is done in device/firmware. */
import { MusterError } from '../../src/shared/errors.ts';
import type { deviceFirmwareCalls } from '../../src/shared/device-firmware-calls.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import type { Firmware } from '../firmware/firmware.ts';

/** Stands before every handler: refuses, or lets it answer. */
type Before = <I, O>(answer: (input: I) => O) => (input: I) => O;

/** `firmware` null: this daemon was not started from a slot, and has none to change. */
export function firmwareHandlers(
  firmware: Firmware | null,
  before: Before,
): Handlers<{ calls: typeof deviceFirmwareCalls; events: Record<string, never> }> {
  const the = (): Firmware => {
    if (firmware) return firmware;
    const reason = 'its daemon was not started from a slot: install Muster on it again';
    throw new MusterError('UNSUPPORTED', reason, { reason });
  };
  return {
    firmware: before(() => the().state()),
    offerFirmware: before(({ manifest, signatures }) => the().offer(manifest, signatures)),
    writeBlob: before(async ({ sha256, offset, data }) => ({
      have: await the().writeBlob(sha256, offset, data),
    })),
    installFirmware: before(async ({ manifest }) => done(the().install(manifest))),
    rollBackFirmware: before(async () => ({ version: await the().rollBack() })),
    trustKey: before(async ({ key }) => done(the().trustKey(key))),
    revokeKey: before(async ({ key }) => done(the().revokeKey(key))),
  };
}

async function done(deed: Promise<void>): Promise<Record<string, never>> {
  await deed;
  return {};
}
