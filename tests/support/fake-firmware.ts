/** The firmware part of a device in memory: takes whatever is offered, and says what a test wants it to say. */
import { createHash } from 'node:crypto';
import type { deviceFirmwareCalls } from '../../src/shared/device-firmware-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { manifestSchema, type FirmwareState } from '../../src/shared/firmware.ts';
import type { Handlers } from '../../src/shared/peer.ts';

type FirmwareHandlers = Handlers<{ calls: typeof deviceFirmwareCalls; events: Record<string, never> }>;

/** A device that runs version 0.1.0 from slot `a`. */
export class FakeFirmware {
  state: FirmwareState = {
    running: 'a',
    slots: [{ slot: 'a', product: 'muster', version: '0.1.0', runtime: '24.21.0', manifest: null }],
    trial: null,
    last: null,
    keys: [],
    revoked: [],
  };
  /** Packed bytes that are here, by hash. */
  readonly have = new Map<string, number>();
  /** Manifests it was told to install. */
  readonly installed: string[] = [];
  readonly #packed = new Map<string, number>();

  handlers(): FirmwareHandlers {
    return {
      firmware: () => this.state,
      offerFirmware: ({ manifest }) => {
        const { blobs } = manifestSchema.parse(JSON.parse(new TextDecoder().decode(manifest)));
        for (const { sha256, packed } of blobs) this.#packed.set(sha256, packed);
        const id = createHash('sha256').update(manifest).digest('hex');
        const missing = blobs
          .map(({ sha256, packed }) => ({ sha256, packed, have: this.have.get(sha256) ?? 0 }))
          .filter(({ packed, have }) => have < packed);
        return { manifest: id, missing, running: this.#running()?.manifest === id, downgrade: false };
      },
      writeBlob: ({ sha256, offset, data }) => {
        const packed = this.#packed.get(sha256);
        if (packed === undefined) throw refusal('nobody has offered this blob: offer the bundle again');
        const here = this.have.get(sha256) ?? 0;
        const have = offset === here ? Math.min(packed, here + data.length) : here;
        this.have.set(sha256, have);
        return { have };
      },
      installFirmware: ({ manifest }) => {
        this.installed.push(manifest);
        return {};
      },
      rollBackFirmware: () => {
        const back = this.state.slots.find(({ slot }) => slot !== this.state.running);
        if (!back) throw refusal('there is no version from before this one');
        this.state = { ...this.state, running: back.slot };
        return { version: back.version };
      },
      trustKey: ({ key }) => {
        this.state.keys.push(key);
        return {};
      },
      revokeKey: ({ key }) => {
        this.state.keys = this.state.keys.filter(({ id }) => id !== key);
        this.state.revoked.push(key);
        return {};
      },
    };
  }

  #running() {
    return this.state.slots.find(({ slot }) => slot === this.state.running);
  }
}

function refusal(reason: string): MusterError {
  return new MusterError('REFUSED', reason, { reason });
}
