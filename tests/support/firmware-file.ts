/** A firmware file in short, as a campaign keeps it. */
import type { FirmwareFile } from '../../src/shared/campaign.ts';

export function firmwareFile(more: Partial<FirmwareFile> = {}): FirmwareFile {
  return {
    path: '/tmp/orchard-1.4.0.muster',
    kind: 'muster',
    product: 'orchard',
    version: '1.4.0',
    architectures: ['arm64', 'x64'],
    platform: null,
    identity: 'a'.repeat(64),
    runtime: { version: '24.21.0', carried: false },
    bytes: 31_000_000,
    signatures: [],
    ...more,
  };
}
